#!/usr/bin/env bash
# Finding:  trimesh writes PBRMaterial(baseColorFactor=[1, 0, 0, 1]) as black that is nearly transparent.
# Versions: trimesh 5.2.0, numpy 2.4.6, pillow 13.0.0
# Guess:    The name is glTF's own, whose factors run from 0 to 1: [1, 0, 0, 1] is opaque red.
# Seen:     Colours of whole numbers are taken as 0 to 255, of floats as 0 to 1: opaque red in whole numbers becomes
#           one part in 255 of red and of opacity. A colour from a YAML or JSON file, where nobody writes 1.0, changes
#           its meaning with [1, 0, 0.5, 1]. Floats also are kept in 8 bits: 0.5 is written as 0.50196.
# Output:
#   [1, 0, 0, 1]          is written as [0.00392, 0, 0, 0.00392]
#   [1.0, 0.0, 0.0, 1.0]  is written as [1, 0, 0, 1]
#   [1, 0, 0.5, 1]        is written as [1, 0, 0.50196, 1]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet trimesh==5.2.0 numpy==2.4.6 pillow==13.0.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import json

import numpy as np
import trimesh
from trimesh.visual import TextureVisuals
from trimesh.visual.material import PBRMaterial

found = []
for given in ([1, 0, 0, 1], [1.0, 0.0, 0.0, 1.0], [1, 0, 0.5, 1]):
    box = trimesh.creation.box()
    box.visual = TextureVisuals(uv=np.zeros((8, 2)), material=PBRMaterial(baseColorFactor=given))
    content = trimesh.Scene(box).export(file_type="glb")
    size = int.from_bytes(content[12:16], "little")
    (material,) = json.loads(content[20 : 20 + size])["materials"]
    written = [float(f"{part:.5f}") for part in material["pbrMetallicRoughness"]["baseColorFactor"]]
    found.append(written)
    print(f"{given!s:21} is written as [{', '.join(f'{part:g}' for part in written)}]")
assert found == [[0.00392, 0, 0, 0.00392], [1, 0, 0, 1], [1, 0, 0.50196, 1]], found
PYTHON
