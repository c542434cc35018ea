#include "route-metrics.h"

enum { ROUTES_MS = 1000 };

static const gint64 default_metric = -1; /* of a profile that names none */

static gint64 best_of(NMIPConfig *config) {
  const GPtrArray *routes = config != NULL ? nm_ip_config_get_routes(config) : NULL;
  gint64 best = NO_METRIC;

  for (guint i = 0; routes != NULL && i < routes->len; i++) {
    gint64 metric = nm_ip_route_get_metric(routes->pdata[i]);
    if (metric >= 0)
      best = MIN(best, metric);
  }
  return best;
}

RouteMetrics route_metrics_read(NMDevice *device) {
  return (RouteMetrics){best_of(nm_device_get_ip4_config(device)), best_of(nm_device_get_ip6_config(device))};
}

static gboolean differs(gint64 before, gint64 now) {
  return before != NO_METRIC && now != NO_METRIC && before != now;
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
  if (setting != NULL && metric != NO_METRIC && nm_setting_ip_config_get_route_metric(setting) == default_metric)
    g_object_set(setting, NM_SETTING_IP_CONFIG_ROUTE_METRIC, metric, NULL);
}

typedef struct {
  NMDevice *device;
  const RouteMetrics *before;
} Routes;

/* A device is active a moment before its routes are told; IPv6 may take its time and is not waited for. */
static gboolean are_told(gpointer data) {
  const Routes *routes = data;

  return routes->before->ipv4 == NO_METRIC || route_metrics_read(routes->device).ipv4 != NO_METRIC;
}

gboolean route_metrics_keep(NmSession *session, NMDevice *device, const RouteMetrics *before, GError **error) {
  Routes routes = {device, before};
  gboolean told = nm_session_wait(session, ROUTES_MS, are_told, &routes);
  RouteMetrics now = route_metrics_read(device);
  g_autoptr(NMConnection) applied = NULL;
  guint64 version = 0;

  if (!told || (!differs(before->ipv4, now.ipv4) && !differs(before->ipv6, now.ipv6)))
    return TRUE;
  applied = get_applied(session, device, &version, error);
  if (applied == NULL)
    return FALSE;
  set_metric(nm_connection_get_setting_ip4_config(applied), before->ipv4);
  set_metric(nm_connection_get_setting_ip6_config(applied), before->ipv6);
  return reapply(session, device, applied, version, error);
}
