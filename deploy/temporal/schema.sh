#!/bin/sh
# Make Temporal's two databases, or bring them to the version of this image. Safe to repeat: what is there is
# left alone. SQL_* say where.
set -eu

for name in temporal temporal_visibility; do
    temporal-sql-tool --db "$name" create
    temporal-sql-tool --db "$name" setup-schema -v 0.0
    temporal-sql-tool --db "$name" update-schema \
        -d "/etc/temporal/schema/postgresql/v12/${name#temporal_}/versioned"
done
