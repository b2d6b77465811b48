#!/bin/sh
# Make the namespace and what mindreel's workflows need in it. Safe to repeat. TEMPORAL_ADDRESS and
# TEMPORAL_NAMESPACE say where, RETENTION how long the histories of ended workflows stay.
set -eu

until temporal operator cluster health >/dev/null 2>&1; do
    echo "waiting for Temporal at $TEMPORAL_ADDRESS"
    sleep 2
done

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi

# A server learns of a new namespace only after some seconds, and refuses until then.
tries=0
until temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
    --name MindreelVideo --type Keyword \
    --name MindreelPlatform --type Keyword \
    --name MindreelStage --type Keyword \
    --name MindreelOutcome --type Keyword \
    --name MindreelBatch --type Keyword \
    --name MindreelSite --type Keyword; do
    tries=$((tries + 1))
    [ "$tries" -lt 15 ] || exit 1
    sleep 2
done
