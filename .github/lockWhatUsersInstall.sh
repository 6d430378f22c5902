#!/bin/sh
# Writes into the folder $1 the manifest and the lock file of what comes with the package, without what it is developed
# with. (`--omit=dev` leaves out of a bill of materials what a development dependency could use as well.)
set -eu
mkdir -p "$1"
cp package.json package-lock.json "$1"
cd "$1"
npm pkg delete devDependencies scripts
npm install --package-lock-only --ignore-scripts --offline --omit=peer
