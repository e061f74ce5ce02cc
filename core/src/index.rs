//! Index files: what a GRIB file holds, and where.
