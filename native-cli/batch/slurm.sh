#!/usr/bin/env bash
# An array of shards on Slurm, and a merge when all are done:
#   gik plan refs ... --shards 200 > plan.json && native-cli/batch/slurm.sh plan.json
# Results must be where all nodes see them: a shared folder, s3:// or gs://.
set -euo pipefail

plan=${1:?a plan of gik}
shards=$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["shards"]))' "$plan")

# Shards count from 0, and the array does too. Exit 3 is "done with gaps": --gaps-ok makes it 0, `gik status` still tells.
array=$(sbatch --parsable --job-name=gik --array="0-$((shards - 1))%50" --cpus-per-task=2 --mem=2G --time=1:00:00 --requeue \
    --wrap="gik run '$plan' --shard \"\$SLURM_ARRAY_TASK_ID/$shards\" --gaps-ok")
sbatch --job-name=gik-merge --dependency="afterok:$array" --cpus-per-task=2 --mem=4G --time=1:00:00 \
    --wrap="gik merge '$plan' || test \$? -eq 3"
echo "array $array of $shards shards; what is missing: gik status $plan"
