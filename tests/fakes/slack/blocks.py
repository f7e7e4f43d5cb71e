"""Slack's rules for blocks: which may stand where, how many, and what each must hold."""

from collections.abc import Callable, Iterator

from .elements import (
    IN_ACTIONS,
    IN_SECTION,
    INPUTS,
    Findings,
    check_element,
    check_image,
    check_optional_text,
    check_text,
)
from .records import Json
from .structure import check_structure

EVERYWHERE = frozenset(
    {"actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
)
SURFACES = {
    "message": EVERYWHERE | {"context_actions", "file", "markdown", "table"},
    "modal": EVERYWHERE,
    "home": EVERYWHERE,
}
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}


def check_blocks(found: Findings, blocks: object, surface: str, path: str = "/blocks") -> None:
    """Check all blocks of a message, a modal or a home tab."""
    if not isinstance(blocks, list):
        return found.add(path, "must be an array")
    if len(blocks) > MOST_BLOCKS[surface]:
        found.add(path, f"no more than {MOST_BLOCKS[surface]} items allowed")
    try:
        for index, block in enumerate(blocks):
            if isinstance(block, dict):
                check_block(found, block, surface, f"{path}/{index}")
            else:
                found.add(f"{path}/{index}", "must be an object")
        good = [block for block in blocks if isinstance(block, dict)]
        check_unique_ids(found, good, path)
        check_totals(found, good, path)
    except (AttributeError, TypeError, KeyError) as error:
        # The rules look into nested parts; a number where a list belongs shows itself here.
        found.add(path, f"holds something of the wrong type: {error}")
    return None


def check_block(found: Findings, block: Json, surface: str, path: str) -> None:
    """Check one block."""
    kind = block.get("type")
    if kind not in SURFACES[surface]:
        return found.add(f"{path}/type", f"unsupported type: {kind} in a {surface}")
    found.string(block, "block_id", path, most=255)
    if block.get("block_id") == "":
        found.add(f"{path}/block_id", "must be more than 0 characters")
    check = CHECKS.get(str(kind))
    if check is not None:
        check(found, block, path)
    check_structure(found, block, path)
    return None


def check_header(found: Findings, block: Json, path: str) -> None:
    check_text(found, block.get("text"), f"{path}/text", most=150)


def check_section(found: Findings, block: Json, path: str) -> None:
    check_optional_text(found, block, "text", path, most=3000, plain=False)
    if "fields" in block:
        for index, text in enumerate(found.items(block, "fields", path, most=10)):
            check_text(found, text, f"{path}/fields/{index}", most=2000, plain=False)
    elif block.get("text") is None:
        found.add(path, "missing required field: text or fields")
    accessory = block.get("accessory")
    if isinstance(accessory, dict):
        check_element(found, accessory, f"{path}/accessory", IN_SECTION)


def check_actions(found: Findings, block: Json, path: str) -> None:
    for index, element in enumerate(found.items(block, "elements", path, most=25)):
        check_element(found, element, f"{path}/elements/{index}", IN_ACTIONS)


def check_context(found: Findings, block: Json, path: str) -> None:
    for index, element in enumerate(found.items(block, "elements", path, most=10)):
        at = f"{path}/elements/{index}"
        if element.get("type") == "image":
            check_image(found, element, at)
        else:
            check_text(found, element, at, most=3000, plain=False)


def check_input(found: Findings, block: Json, path: str) -> None:
    check_text(found, block.get("label"), f"{path}/label", most=2000)
    check_optional_text(found, block, "hint", path, most=2000)
    element = block.get("element")
    if not isinstance(element, dict):
        return found.add(path, "missing required field: element")
    check_element(found, element, f"{path}/element", INPUTS)
    for flag in ("optional", "dispatch_action"):
        if not isinstance(block.get(flag, False), bool):
            found.add(f"{path}/{flag}", "must be a boolean")
    return None


def check_markdown(found: Findings, block: Json, path: str) -> None:
    found.string(block, "text", path, most=12_000, required=True)


def check_video(found: Findings, block: Json, path: str) -> None:
    for key in ("alt_text", "video_url", "thumbnail_url"):
        found.string(block, key, path, most=3000, required=True)
    check_text(found, block.get("title"), f"{path}/title", most=199)


def check_table(found: Findings, block: Json, path: str) -> None:
    rows = block.get("rows")
    if not isinstance(rows, list) or not 1 <= len(rows) <= 100:
        return found.add(f"{path}/rows", "must have between 1 and 100 items")
    for index, row in enumerate(rows):
        at = f"{path}/rows/{index}"
        if not isinstance(row, list) or not 1 <= len(row) <= 20:
            found.add(at, "must have between 1 and 20 cells")
            continue
        for place, cell in enumerate(row):
            check_cell(found, cell, f"{at}/{place}")
    if len(block.get("column_settings") or []) > 20:
        found.add(f"{path}/column_settings", "no more than 20 items allowed")
    return None


def check_cell(found: Findings, cell: object, path: str) -> None:
    kind = cell.get("type") if isinstance(cell, dict) else None
    if not isinstance(cell, dict) or kind not in ("raw_text", "raw_number", "rich_text"):
        found.add(path, "must be a raw_text or rich_text cell")
    elif kind == "raw_text":
        found.string(cell, "text", path, most=3000, required=True)
    elif kind == "rich_text":
        check_rich_text(found, cell, path)


RICH_INSIDE = {
    "rich_text_section": None,
    "rich_text_quote": None,
    "rich_text_preformatted": {"text", "link"},
    "rich_text_list": {"rich_text_section"},
}


def check_rich_text(found: Findings, block: Json, path: str) -> None:
    for index, element in enumerate(found.items(block, "elements", path)):
        at = f"{path}/elements/{index}"
        kind = element.get("type")
        if kind not in RICH_INSIDE:
            found.add(f"{at}/type", f"unsupported type: {kind}")
            continue
        if kind == "rich_text_list" and element.get("style") not in ("bullet", "ordered"):
            found.add(f"{at}/style", "must be bullet or ordered")
        check_rich_parts(found, element, at, RICH_INSIDE[kind])


RICH_PARTS = {
    "text": "text",
    "link": "url",
    "user": "user_id",
    "channel": "channel_id",
    "usergroup": "usergroup_id",
    "emoji": "name",
    "broadcast": "range",
    "date": "timestamp",
    "color": "value",
    "team": "team_id",
}


def check_rich_parts(found: Findings, element: Json, path: str, allowed: set[str] | None) -> None:
    """Check the pieces of a rich text paragraph or list."""
    for index, part in enumerate(found.items(element, "elements", path, least=0)):
        at = f"{path}/elements/{index}"
        kind = str(part.get("type"))
        if kind not in (allowed if allowed is not None else RICH_PARTS):
            found.add(f"{at}/type", f"unsupported type: {kind}")
        elif kind == "rich_text_section":
            check_rich_parts(found, part, at, None)
        elif not part.get(RICH_PARTS[kind]):
            found.add(at, f"missing required field: {RICH_PARTS[kind]}")


CHECKS: dict[str, Callable[[Findings, Json, str], None]] = {
    "header": check_header,
    "section": check_section,
    "actions": check_actions,
    "context": check_context,
    "input": check_input,
    "image": check_image,
    "markdown": check_markdown,
    "rich_text": check_rich_text,
    "table": check_table,
    "video": check_video,
}


def elements_of(block: Json) -> Iterator[Json]:
    """The interactive elements of a block, in the order in which they are shown."""
    candidates = [block.get("accessory"), block.get("element")]
    if block.get("type") in ("actions", "context_actions"):
        candidates += block.get("elements") or []
    for element in candidates:
        if isinstance(element, dict) and element.get("type") != "image":
            yield element


def check_unique_ids(found: Findings, blocks: list[Json], path: str) -> None:
    """A block_id stands once in a surface, an action_id once in a block."""
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        name = block.get("block_id")
        if isinstance(name, str) and name in seen:
            found.add(f"{path}/{index}/block_id", f"`block_id` already exists: {name}")
        seen.add(str(name))
        actions = [e["action_id"] for e in elements_of(block) if "action_id" in e]
        if len(set(map(str, actions))) != len(actions):
            found.add(f"{path}/{index}", "`action_id` already exists in this block")


def check_totals(found: Findings, blocks: list[Json], path: str) -> None:
    """What is limited over all blocks together."""
    if sum(block.get("type") == "table" for block in blocks) > 1:
        found.add(path, "only one table is allowed (only_one_table_allowed)")
    texts = [b.get("text") for b in blocks if b.get("type") == "markdown"]
    if sum(len(text) for text in texts if isinstance(text, str)) > 12_000:
        found.add(path, "markdown blocks must be less than 12001 characters together")
    focused = [e for b in blocks for e in elements_of(b) if e.get("focus_on_load")]
    if len(focused) > 1:
        found.add(path, "only one element may have focus_on_load")
