/* route-metrics.h - a card keeps its place among the routes.
 *
 * NetworkManager gives a card whose profile names no metric the next one that is free when it comes up, 100, 101, ...,
 * and counts on: a card that is only activated again gets a higher one, and the default route goes to another card. So
 * the old metric is put into what is applied to the device (not into the profile); the next activation starts afresh.
 */
#pragma once

#include "nm-session.h"

typedef struct {
  gint64 ipv4, ipv6; /* the best of the device's routes in the kernel; LINK_NO_ROUTE: it has none */
} RouteMetrics;

RouteMetrics route_metrics_read(NMDevice *device);

/* route_metrics_keep: give the device's routes the metrics BEFORE, where they have others now. Errors:
 * RI_ERROR_NETWORK; the network works all the same. */
gboolean route_metrics_keep(NmSession *session, NMDevice *device, const RouteMetrics *before, GError **error);
