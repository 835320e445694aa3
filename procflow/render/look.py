"""How nodes and arrows look in DOT: shapes, colors, widths and patterns as attributes. Knows no labels.

Colors are Okabe and Ito's, darkened until text on white reaches a contrast of 4.5 : 1. None carries a meaning alone:
width, pattern or words say the same, so that a print in black and white can be read.
"""

from procflow.render.model import Arrow, DrawnNode

Attributes = dict[str, str | float]

FONTS = "Noto Sans CJK SC,Microsoft YaHei,PingFang SC,WenQuanYi Micro Hei,sans-serif"
BLUE, GREEN, ORANGE, RED, GRAY, INK = "#0072B2", "#007A5A", "#B36B00", "#A33C00", "#4A4A4A", "#1A1A1A"
FAINT = "#767676"
LINE = "#9AA5B1"
HEAT = ("#FFFFFF", "#FFF3D6", "#FFDF9E", "#FBC866", "#F2AE2E")
"""Fills of the grades: one hue from light to dark after Okabe and Ito's orange, told apart by lightness alone."""

HEAT_LINES = ("#767676", "#8F6A2A", "#8F5A12", "#84450A", "#6B2F05")
"""Lines of the grades, dark enough on white; their width grows too."""

FLAG = "#8A2B00"
CHANGES = {"added": GREEN, "removed": FAINT, "moved": BLUE, "changed": ORANGE}

_SHAPES: dict[str, Attributes] = {
    "start": {"shape": "circle", "style": "filled", "fillcolor": INK, "width": 0.22, "fixedsize": "true"},
    "end": {"shape": "box", "style": "rounded,filled,bold", "penwidth": 2.6},
    "region_end": {"shape": "plain", "style": ""},
    "step": {"shape": "box", "style": "filled"},
    "wait": {"shape": "box", "style": "filled,dashed"},
    "applicant": {"shape": "box", "style": "rounded,filled"},
    "decision": {"shape": "box", "style": "filled,diagonals", "penwidth": 1.6},
    "document": {"shape": "note", "style": "filled"},
    "bar": {"shape": "box", "style": "filled", "fillcolor": "#E8EEF4", "penwidth": 0},
    "state": {"shape": "box", "style": "rounded,filled"},
    "final": {"shape": "plain", "style": ""},
    "entry": {"shape": "circle", "style": "filled", "width": 0.2, "fixedsize": "true"},
    "exit": {"shape": "Mcircle", "style": "filled", "width": 0.24, "fixedsize": "true"},
    "sync": {
        "shape": "box", "style": "filled", "fillcolor": INK, "width": 1.8, "height": 0.07, "fixedsize": "true",
    },
    "terminator": {"shape": "box", "style": "rounded,filled"},
    "process": {"shape": "box", "style": "filled"},
    "manual": {"shape": "invtrapezium", "style": "filled", "margin": "0,0.02"},
    "data": {"shape": "parallelogram", "style": "filled", "margin": "0,0.02"},
    "paper": {"shape": "note", "style": "filled"},
    "predefined": {"shape": "box", "style": "filled"},
    "branch": {"shape": "diamond", "style": "filled", "margin": "0.02,0.02"},
    "parallel": {"shape": "plain", "style": ""},
    "connector": {"shape": "circle", "style": "filled", "width": 0.2, "fixedsize": "true"},
    "stub": {"shape": "box", "style": "filled", "fillcolor": "#EEEEEE", "color": FAINT, "fontcolor": GRAY},
    "party": {"shape": "box", "style": "filled", "margin": "0.16,0.13"},  # clear of the heads of wide arrows
    "island": {"shape": "box", "style": "filled,dashed", "penwidth": 2.2, "color": RED, "margin": "0.16,0.13"},
}  # fmt: skip
TEXTLESS = frozenset({"start", "entry", "exit", "sync", "connector"})
"""The shapes that are too small for a label."""

_ARROWS: dict[str, Attributes] = {
    "flow": {"color": INK},
    "handoff": {"color": BLUE, "penwidth": 2.4},
    "applicant": {"color": GREEN, "style": "dashed", "penwidth": 1.4},
    "timeout": {"color": ORANGE, "style": "dotted", "penwidth": 2},
    "leave": {"color": RED, "style": "dashed", "penwidth": 1.6},
    "fork": {"color": GRAY, "penwidth": 1.2},
    "start": {"color": INK},
    "interface": {"color": BLUE, "penwidth": 1.8},
    "carried": {"color": RED, "style": "dashed", "penwidth": 1.8},
    "keyed": {"color": ORANGE, "style": "dotted", "penwidth": 2.2},
}


def node_look(node: DrawnNode) -> Attributes:
    """Return how a node looks: its shape, under a grade of an overlay, under a change."""
    look = dict(_SHAPES[node.shape])
    if node.heat and node.heat.grade:
        look |= {"fillcolor": HEAT[node.heat.grade], "penwidth": round(1.1 + 0.8 * node.heat.grade, 1)}
    if node.change:
        look["color"] = CHANGES[node.change]
    if node.change == "removed":
        look |= {"style": ",".join(filter(None, [str(look["style"]), "dashed"])), "fontcolor": FAINT, "penwidth": 1.2}
    elif node.change:
        look["penwidth"] = 3.2 if node.change == "added" else 2.4
    return look


def arrow_look(arrow: Arrow, *, compared: bool) -> Attributes:
    """Return how an arrow looks; in a comparison what stayed as it was steps back."""
    look = dict(_ARROWS["handoff" if arrow.number and arrow.kind == "fork" else arrow.kind])
    if compared and not arrow.change:
        look |= {"color": FAINT, "penwidth": 1.0, "style": "solid"}  # dashes say here that a part is removed
    if arrow.weight:
        look["penwidth"] = round(0.8 + 3.7 * arrow.weight, 2)
    if arrow.heat:
        look |= {"color": HEAT_LINES[arrow.heat.grade], "penwidth": round(1 + 1.1 * arrow.heat.grade, 1)}
    if arrow.change:
        look["color"] = CHANGES[arrow.change]
    if arrow.change == "added":
        look |= {"color": f"{GREEN}:{GREEN}", "penwidth": 1.6}  # two parallel lines
    elif arrow.change == "removed":
        look |= {"style": "dashed", "penwidth": 1.0, "fontcolor": FAINT}
    elif arrow.change:
        look["penwidth"] = 2.2
    return look
