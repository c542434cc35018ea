"""What conf/reset-identity.schema.json uses of JSON Schema, and no more."""

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "null": type(None)}
KNOWN = {"$schema", "$defs", "$ref", "title", "anyOf", "type", "enum", "properties", "required", "additionalProperties", "items"}


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))


def problems(value, schema, whole, path="$"):
    """What speaks against VALUE, a line each; none: it is what SCHEMA says."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        return problems(value, whole["$defs"][schema["$ref"].rsplit("/", 1)[1]], whole, path)
    if "anyOf" in schema:
        tried = [problems(value, choice, whole, path) for choice in schema["anyOf"]]
        return [] if [] in tried else min(tried, key=len)
    found = []
    types = schema.get("type", list(TYPES))
    if not any(is_type(value, name) for name in ([types] if isinstance(types, str) else types)):
        return [f"{path}: {value!r} is not {types}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{path}: {value!r} is none of {schema['enum']}")
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{path}.{name}: missing" for name in schema["required"] if name not in value]
        for name, inner in value.items():
            if name in schema["properties"]:
                found += problems(inner, schema["properties"][name], whole, f"{path}.{name}")
            elif not schema["additionalProperties"]:
                found.append(f"{path}.{name}: unknown")
    if isinstance(value, list) and "items" in schema:
        for index, inner in enumerate(value):
            found += problems(inner, schema["items"], whole, f"{path}[{index}]")
    return found
