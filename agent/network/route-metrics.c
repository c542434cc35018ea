/* route-metrics.c - a card keeps its place among the routes */
#include "route-metrics.h"

#include "link.h"

enum { ROUTES_MS = 1000, ROUND_MS = 25 };

static const gint64 default_metric = -1; /* of a profile that names none */

static gint64 read_metric(NMDevice *device, int family) {
  Link link = {0};
  const char *interface = nm_device_get_ip_iface(device);

  return interface == NULL || link_read(interface, &link) < 0 ? LINK_NO_ROUTE : link_best_metric(link.index, family);
}

RouteMetrics route_metrics_read(NMDevice *device) {
  return (RouteMetrics){read_metric(device, AF_INET), read_metric(device, AF_INET6)};
}

static gboolean differs(gint64 before, gint64 now) {
  return before != LINK_NO_ROUTE && now != LINK_NO_ROUTE && before != now;
}

static NMConnection *get_applied(NmSession *session, NMDevice *device, guint64 *version, GError **error) {
  GError *detail = NULL;
  NMConnection *applied;
  NmCall call;

  nm_call_begin(&call, session);
  nm_device_get_applied_connection_async(device, 0, call.cancellable, nm_call_answered, &call);
  nm_call_wait(&call, LIVE_CALL_S);
  applied = nm_device_get_applied_connection_finish(device, call.result, version, &detail);
  (void)nm_call_end(&call, detail, error, "reading what is applied to a device");
  return applied;
}

static gboolean reapply(NmSession *session, NMDevice *device, NMConnection *applied, guint64 version, GError **error) {
  GError *detail = NULL;
  NmCall call;

  nm_call_begin(&call, session);
  nm_device_reapply_async(device, applied, version, 0, call.cancellable, nm_call_answered, &call);
  nm_call_wait(&call, LIVE_CALL_S);
  (void)nm_device_reapply_finish(device, call.result, &detail);
  return nm_call_end(&call, detail, error, "keeping the metrics of a device's routes");
}

static void set_metric(NMSettingIPConfig *setting, gint64 metric) {
  if (setting != NULL && metric != LINK_NO_ROUTE && nm_setting_ip_config_get_route_metric(setting) == default_metric)
    g_object_set(setting, NM_SETTING_IP_CONFIG_ROUTE_METRIC, metric, NULL);
}

/* A device may be active by its IPv6 before IPv4 has passed duplicate address detection. The kernel is asked, since
 * NetworkManager tells of its routes when it comes to it; IPv6 may take its time and is not waited for. */
static RouteMetrics wait_for_routes(NmSession *session, NMDevice *device, const RouteMetrics *before) {
  gint64 end = g_get_monotonic_time() + ROUTES_MS * G_GINT64_CONSTANT(1000);
  RouteMetrics now = route_metrics_read(device);

  while (before->ipv4 != LINK_NO_ROUTE && now.ipv4 == LINK_NO_ROUTE && g_get_monotonic_time() < end) {
    nm_session_pass(session, ROUND_MS);
    now = route_metrics_read(device);
  }
  return now;
}

gboolean route_metrics_keep(NmSession *session, NMDevice *device, const RouteMetrics *before, GError **error) {
  RouteMetrics now = wait_for_routes(session, device, before);
  g_autoptr(NMConnection) applied = NULL;
  guint64 version = 0;

  if (!differs(before->ipv4, now.ipv4) && !differs(before->ipv6, now.ipv6))
    return TRUE;
  applied = get_applied(session, device, &version, error);
  if (applied == NULL)
    return FALSE;
  set_metric(nm_connection_get_setting_ip4_config(applied), before->ipv4);
  set_metric(nm_connection_get_setting_ip6_config(applied), before->ipv6);
  return reapply(session, device, applied, version, error);
}
