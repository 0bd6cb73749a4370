"""A widget asks nothing of its host but what anywidget's contract says, and runs under a strict policy of its page.

So it is where no host can be driven by a test: VS Code and Colab.
"""

import json
from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest

import mmviz
from tests.page.browser.driver import Browser, executable
from tests.processes import ONCE_MORE

pytestmark = [
    ONCE_MORE,
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(executable() is None, reason="no Chromium is installed"),
]
HOST = """<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none';
script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; img-src data: blob:"><div id="here"></div><script>
const told = TOLD, state = { ...told.state }, acts = new Map(), used = new Set();
const bytes = Uint8Array.from(atob(told.page), (letter) => letter.charCodeAt(0));
state._page = new DataView(bytes.buffer);
let saved = 0;
const contract = {
  get: (name) => state[name],
  set: (name, value) => { state[name] = value; change(name); },
  save_changes: () => { saved++; },
  on: (event, act) => { acts.set(event, [...(acts.get(event) ?? []), act]); },
  off: (event, act) => { acts.set(event, (acts.get(event) ?? []).filter((one) => one !== act)); },
};
const change = (name) => { for (const act of acts.get(`change:${name}`) ?? []) act(); };
const model = new Proxy(contract, { get: (from, name) => { used.add(name); return from[name]; } });
const listeners = () => [...acts.values()].reduce((sum, of) => sum + of.length, 0);
const seen = () => here.querySelector('div')?.shadowRoot?.querySelector('.mmviz');
let end;
import(URL.createObjectURL(new Blob([told.esm], { type: "text/javascript" }))).then((module) => {
  globalThis.exported = Object.keys(module.default);
  end = module.default.render({ model, el: here });
});
</script>"""
KNOWN = {"get", "set", "save_changes", "on", "off"}


def test_a_widget_keeps_to_the_contract_of_anywidget(tmp_path: Path) -> None:
    live = mmviz.widget(mmviz.Scene("A @ B", {"A": np.eye(4), "B": np.ones((4, 3))}), step=2, height=240)
    names = ("_style", "height", "step", "playing", "camera", "picked")
    state = {name: getattr(live, name) for name in names}
    told = {"esm": str(live._esm), "page": b64encode(live._page).decode(), "state": state}
    place = tmp_path / "host.html"
    place.write_text(HOST.replace("TOLD", json.dumps(told).replace("<", "\\u003c")), encoding="utf-8")
    with Browser() as browser:
        page = browser.page(400, 300)
        page.open(place)
        page.wait("seen()?.querySelector('canvas')?.dataset.rests === 'yes'")
        assert page.evaluate("exported") == ["render"]
        page.evaluate("contract.set('step', 1)")
        page.wait("seen().querySelector('.counter').textContent.startsWith('1 ')")
        page.evaluate("seen().querySelector('[aria-label=\"Step on\"]').click()")
        page.wait("saved > 0 && state.step === 2")
        assert set(page.evaluate("[...used]")) <= KNOWN
        assert page.evaluate("listeners()") > 0
        page.evaluate("end()")
        assert page.evaluate("listeners()") == 0
        assert page.errors == []
        assert [one for one in page.requests if not one.startswith(("blob:", "data:"))] == [place.as_uri()]
