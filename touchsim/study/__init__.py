"""Which facets drive satisfaction: scales, drivers, importance; takes tables only and knows no simulator."""
