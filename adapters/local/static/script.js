// The playground's only script: it sends what people do, and shows what the server rendered.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const dialog = $("#dialog");
const token = $("meta[name=token]").content;
const LARGEST_FILE = 250_000;
const drafts = new Map();
let actor = "";
let looking = null;
let lookAgain = false;

// -- asking the server -------------------------------------------------------------------------

async function send(path, body) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-entente-token": token },
      body: JSON.stringify(body),
    });
  } catch {
    say("The playground does not answer. Is it still running?");
    return null;
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    say(problem.error || "Something went wrong. Please try again.");
    look();
    return null;
  }
  return response.json();
}

async function act(path, body) {
  const reply = await send(path, body);
  if (reply && reply.dialog) showDialog(reply.dialog, body.person);
  await look();
  return reply;
}

let silence;
function say(text) {
  const toast = $("#toast");
  toast.textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => (toast.textContent = ""), 8000);
}

// -- showing the page anew, part by part --------------------------------------------------------

function look() {
  if (looking) {
    lookAgain = true;
    return looking;
  }
  looking = (async () => {
    do {
      lookAgain = false;
      await lookOnce();
    } while (lookAgain);
  })().finally(() => (looking = null));
  return looking;
}

async function lookOnce() {
  const address = location.href;
  const response = await fetch(address).catch(() => null);
  if (!response || !response.ok || address !== location.href) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  if ($("meta[name=token]", fresh).content !== token) return location.reload();
  const focused = document.activeElement && document.activeElement.id;
  for (const part of $$("[data-part]", fresh)) showPart(part);
  for (const log of $$("[data-attributes]", fresh)) copyAttributes(log);
  for (const pane of $$(".pane", fresh)) $(`#${pane.id}`).className = pane.className;
  $(".columns").className = $(".columns", fresh).className;
  const lost = focused && document.activeElement === document.body;
  if (lost) (document.getElementById(focused) || $("#chats")).focus({ preventScroll: true });
}

const shown = new Map($$("[data-part]").map((part) => [part.dataset.part, part.innerHTML]));

function showPart(fresh) {
  const name = fresh.dataset.part;
  const html = fresh.innerHTML;
  const old = $(`[data-part="${name}"]`);
  if (!old || shown.get(name) === html) return;
  shown.set(name, html);
  const log = old.closest(".log");
  const wasAtEnd = !log || log.scrollTop + log.clientHeight > log.scrollHeight - 60;
  keepDrafts(old);
  if (old.tagName !== fresh.tagName) old.replaceWith(document.importNode(fresh, true));
  else if (fresh.hasAttribute("data-keyed")) mergeKeyed(old, fresh);
  else old.replaceChildren(...document.importNode(fresh, true).childNodes);
  bringDrafts($(`[data-part="${name}"]`));
  if (log && wasAtEnd) scrollToEnd(log);
}

// Items that did not change stay as they are, with focus, choices and what screen readers know.
function mergeKeyed(old, fresh) {
  const known = new Map([...old.children].map((item) => [item.id, item]));
  let place = old.firstElementChild;
  for (const item of [...fresh.children]) {
    const same = known.get(item.id);
    known.delete(item.id);
    if (same && same.dataset.source === item.outerHTML) {
      if (same === place) place = place.nextElementSibling;
      else old.insertBefore(same, place);
      continue;
    }
    const added = document.importNode(item, true);
    added.dataset.source = item.outerHTML;
    if (same) {
      if (same === place) place = place.nextElementSibling;
      same.replaceWith(added);
    } else old.insertBefore(added, place);
  }
  for (const gone of known.values()) gone.remove();
}

function copyAttributes(fresh) {
  const old = document.getElementById(fresh.id);
  const moved = old.getAttribute("aria-label") !== fresh.getAttribute("aria-label");
  for (const name of ["role", "aria-label"]) old.setAttribute(name, fresh.getAttribute(name));
  if (moved) $("[role=log]#" + old.id) ? scrollToEnd(old) : (old.scrollTop = 0);
}

// To the end; but a long message is shown from its beginning.
function scrollToEnd(log) {
  const last = $(".message:last-child", log);
  log.scrollTop = log.scrollHeight;
  if (last && last.offsetHeight > log.clientHeight) log.scrollTop = last.offsetTop - log.offsetTop - 8;
}

const draftKey = (form) => [form.dataset.person, form.dataset.at, form.dataset.thread].join(" ");

function keepDrafts(part) {
  for (const form of $$("form[data-say]", part)) drafts.set(draftKey(form), $("textarea", form).value);
}

function bringDrafts(part) {
  for (const form of $$("form[data-say]", part)) {
    const box = $("textarea", form);
    box.value = drafts.get(draftKey(form)) || "";
    fit(box);
  }
}

// -- going somewhere ----------------------------------------------------------------------------

async function go(address, pane, fill) {
  history.replaceState(null, "", address);
  await look();
  if (!pane) return;
  if (matchMedia("(max-width: 720px)").matches) $("#chats").scrollIntoView();
  const box = $(`#${pane}-text`);
  if (fill && box) {
    box.value = fill;
    fit(box);
    box.focus();
  }
}

// A link within a message says where, not who is looking: that stays as it is.
async function openThread(link) {
  const shownBy = link.closest(".pane") || $(`.pane:has([data-person="${actor}"])`);
  const key = shownBy.id.replace("pane-", "");
  const wanted = new URL(link.href).searchParams;
  const address = new URL(location.href);
  for (const name of ["at", "thread"]) address.searchParams.set(`${key}.${name}`, wanted.get(name));
  address.searchParams.set("front", key);
  if (dialog.open) dialog.close();
  await go(address.pathname + address.search, key);
}

const personOf = (element) => {
  const pane = element.closest(".pane");
  return pane ? $("[data-person]", pane).dataset.person : actor;
};

document.addEventListener("click", async (event) => {
  const target = event.target.closest("a[data-go], a[data-thread], button");
  if (!target) return;
  const data = target.dataset;
  if (target.matches("a[data-go]")) {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    await go(target.getAttribute("href"), data.pane, data.fill);
  } else if (target.matches("a[data-thread]")) {
    event.preventDefault();
    await openThread(target);
  } else if (data.press) await press(target);
  else if (data.react) {
    const details = target.closest("details");
    if (details) details.open = false;
    await act("/react", { person: personOf(target), message: data.react, emoji: data.emoji });
  } else if (data.shortcut) {
    target.closest("details").open = false;
    const body = { person: personOf(target), message: data.message, shortcut: data.shortcut };
    await act("/choose", body);
  } else if (data.membership) {
    const at = $("[data-at]", target.closest(".pane")).dataset.at;
    const joins = data.membership === "join";
    await act("/membership", { person: personOf(target), at, joins });
  } else if (data.account) {
    await act("/account", { person: personOf(target), works: data.account === "on" });
  } else if (data.step) await step(target);
  else if ("close" in data) dialog.close();
});

document.addEventListener("click", (event) => {
  for (const open of $$("details.react[open]")) if (!open.contains(event.target)) open.open = false;
});

// A menu opens where there is room for it: the newest message stands at the log's lower edge.
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (!menu.matches("details.react")) return;
    menu.classList.remove("up");
    if (!menu.open) return;
    const log = menu.closest(".log").getBoundingClientRect();
    const summary = $("summary", menu).getBoundingClientRect();
    const wanted = $("div", menu).offsetHeight;
    const below = Math.min(log.bottom, innerHeight) - summary.bottom;
    const above = summary.top - Math.max(log.top, 0);
    menu.classList.toggle("up", below < wanted && above > below);
  },
  true,
);

async function press(button) {
  const data = button.dataset;
  if (data.confirmTitle && !(await confirms(data))) return;
  const option = data.option ? document.getElementById(data.option).value : "";
  button.disabled = true;
  await act("/press", { person: personOf(button), surface: data.press, item: data.item, option });
  button.disabled = false;
  if (button.isConnected && document.activeElement === document.body) button.focus();
}

function confirms(data) {
  const box = $("#confirm");
  $("#confirm-title").textContent = data.confirmTitle;
  $("#confirm-text").textContent = data.confirmText;
  $("#confirm-yes").textContent = data.confirmYes;
  $("#confirm-no").textContent = data.confirmNo;
  box.returnValue = "no";
  box.showModal();
  return new Promise((done) =>
    box.addEventListener("close", () => done(box.returnValue === "yes"), { once: true }),
  );
}

async function step(button) {
  const buttons = $$("[data-step]");
  for (const one of buttons) one.setAttribute("aria-disabled", "true");
  if (button.dataset.busy) return;
  button.dataset.busy = "yes";
  await act("/step", { by: button.dataset.step });
  delete button.dataset.busy;
  for (const one of buttons) one.removeAttribute("aria-disabled");
}

// -- writing ------------------------------------------------------------------------------------

function fit(box) {
  box.rows = Math.min(8, Math.max(1, box.value.split("\n").length));
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches("form[method=dialog]")) return;
  event.preventDefault();
  if (form.dataset.say) await write(form);
  else if (form.dataset.form) await submitForm(form);
});

async function write(form) {
  const box = $("textarea", form);
  const text = box.value;
  if (!text.trim()) return;
  closeSuggestions(form);
  const { person, at, thread } = form.dataset;
  box.value = "";
  fit(box);
  const reply = await act("/say", { person, at, thread, text });
  if (!reply && !box.value) box.value = text;
  const log = $(`#${form.dataset.say}-log`);
  scrollToEnd(log);
  if (!dialog.open) $(`#${form.dataset.say}-text`)?.focus();
}

document.addEventListener("change", async (event) => {
  const input = event.target;
  if (!input.matches("[data-share]") || !input.files.length) return;
  const [file] = input.files;
  const form = input.closest("form");
  const { person, at } = form.dataset;
  const text = $("textarea", form).value;
  input.value = "";
  if (file.size > LARGEST_FILE) {
    say("The playground takes files up to 250 kB.");
    return;
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  const content = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const reply = await act("/share", { person, at, name: file.name, content, text });
  if (reply) $("textarea", form).value = "";
});

function suggestionsOf(form) {
  return $$("[role=option]", form).filter((option) => !option.hidden);
}

function closeSuggestions(form) {
  $("[role=listbox]", form).hidden = true;
  for (const option of $$("[role=option]", form)) option.hidden = true;
  choose(form, null);
}

function choose(form, option) {
  for (const one of $$("[role=option]", form)) {
    one.setAttribute("aria-selected", String(one === option));
  }
  const box = $("textarea", form);
  if (option) {
    box.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else box.removeAttribute("aria-activedescendant");
}

function getTyped(box) {
  const before = box.value.slice(0, box.selectionStart);
  if (before.startsWith("/") && !before.includes("\n")) {
    const last = /[@#]\S*$/.exec(before);
    return last ? { start: last.index, text: last[0] } : { start: 0, text: before };
  }
  const last = /(?:^|\s)([@#]\S*)$/.exec(before);
  return last ? { start: before.length - last[1].length, text: last[1] } : null;
}

function suggest(form) {
  const box = $("textarea", form);
  const typed = getTyped(box);
  const wanted = typed && typed.text.toLowerCase();
  let count = 0;
  for (const option of $$("[role=option]", form)) {
    const label = option.dataset.label.toLowerCase();
    const fits = wanted && label.startsWith(wanted) && label !== wanted.trim();
    option.hidden = !fits;
    if (fits) count += 1;
  }
  choose(form, null);
  $("[role=listbox]", form).hidden = !count;
}

function accept(form, option) {
  const box = $("textarea", form);
  const typed = getTyped(box);
  const start = typed ? typed.start : 0;
  box.setRangeText(option.dataset.insert, start, box.selectionStart, "end");
  closeSuggestions(form);
  box.focus();
}

document.addEventListener("input", (event) => {
  const say = event.target.closest("form[data-say]");
  if (say) {
    fit(event.target);
    suggest(say);
  }
  if (event.target.matches("[data-live]")) changeSoon(event.target.closest("form"));
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest("form[data-say]");
  if (!form || !event.target.matches("textarea")) return;
  const options = suggestionsOf(form);
  const chosen = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (chosen >= 0) accept(form, options[chosen]);
    else form.requestSubmit();
  } else if (event.key === "Escape" && options.length) {
    event.preventDefault();
    closeSuggestions(form);
  } else if (event.key === "Tab" && chosen >= 0) {
    event.preventDefault();
    accept(form, options[chosen]);
  } else if (options.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const by = event.key === "ArrowDown" ? 1 : -1;
    const next = chosen < 0 ? (by > 0 ? 0 : options.length - 1) : chosen + by;
    choose(form, options[(next + options.length) % options.length]);
  }
});

document.addEventListener("mousedown", (event) => {
  const option = event.target.closest(".suggestions [role=option]");
  if (!option) return;
  event.preventDefault();
  accept(option.closest("form"), option);
});

document.addEventListener("focusout", (event) => {
  const form = event.target.closest("form[data-say]");
  if (form && !form.contains(event.relatedTarget)) closeSuggestions(form);
});

// -- dialogs ------------------------------------------------------------------------------------

function showDialog(html, person) {
  actor = person;
  dialog.innerHTML = html;
  if (!dialog.open) dialog.showModal();
  const first = $("[data-input] :is(input:checked, input, textarea, select)", dialog);
  (first || $("#dialog-title")).focus();
}

dialog.addEventListener("close", () => {
  clearTimeout(changing);
  dialog.replaceChildren();
  // Chromium gives the box its focus back, but no caret, when the dialog's own inputs go away.
  const back = document.activeElement;
  if (back.matches("textarea")) {
    back.blur();
    back.focus();
  }
});

function readForm(form) {
  const values = {};
  for (const input of $$("[name]", form)) values[input.name] ||= [];
  for (const [name, value] of new FormData(form)) values[name].push(value);
  return values;
}

async function submitForm(form) {
  clearTimeout(changing);
  const person = actor;
  const reply = await send("/submit", { person, surface: form.dataset.form, values: readForm(form) });
  if (!reply || !form.isConnected) return;
  const wrong = Object.keys(reply.errors);
  if (wrong.length) showErrors(form, reply.errors);
  else if (reply.dialog) showDialog(reply.dialog, person);
  else if (reply.closes) dialog.close();
  look();
}

function showErrors(form, errors) {
  for (const line of $$("p.error", form)) line.textContent = "";
  for (const input of $$("[aria-invalid]", form)) input.removeAttribute("aria-invalid");
  let first = null;
  for (const [name, text] of Object.entries(errors)) {
    const line = document.getElementById(`f-${name}-error`) || document.getElementById("f--error");
    line.textContent = [line.textContent, text].filter(Boolean).join(" ");
    const input = document.getElementById(`f-${name}`);
    if (!input) continue;
    const marked = input.matches("fieldset") ? $$("input", input) : [input];
    for (const one of marked) one.setAttribute("aria-invalid", "true");
    first ||= input.matches("fieldset") ? $("input", input) : input;
  }
  (first || $("#dialog-title")).focus();
}

let changing;
let changes = 0;

function changeSoon(form) {
  clearTimeout(changing);
  changing = setTimeout(() => change(form), 250);
}

async function change(form) {
  const mine = ++changes;
  const body = { person: actor, surface: form.dataset.form, values: readForm(form) };
  const reply = await send("/change", body);
  if (!reply || !reply.dialog || !form.isConnected || mine !== changes) return;
  const fresh = new DOMParser().parseFromString(reply.dialog, "text/html");
  mergeItems($(".items", form), $(".items", fresh));
}

// What is not an input is shown anew; an input stays as it is, with what is being typed into it.
function mergeItems(old, fresh) {
  const inputs = new Map($$(":scope > [data-input]", old).map((item) => [item.dataset.input, item]));
  for (const item of $$(":scope > :not([data-input])", old)) item.remove();
  let place = old.firstElementChild;
  for (const item of [...fresh.children]) {
    const same = item.dataset.input && inputs.get(item.dataset.input);
    if (!same) {
      old.insertBefore(document.importNode(item, true), place);
      continue;
    }
    inputs.delete(item.dataset.input);
    if (same === place) place = place.nextElementSibling;
    else old.insertBefore(same, place);
  }
  for (const gone of inputs.values()) gone.remove();
}

// -- hearing of changes -------------------------------------------------------------------------

function listen() {
  const stream = new EventSource("/events");
  const connection = $("#connection");
  let wasLost = false;
  stream.addEventListener("hello", () => {
    connection.textContent = "";
    document.documentElement.dataset.connected = "yes";
    if (wasLost) look();
    wasLost = false;
  });
  stream.addEventListener("change", look);
  stream.addEventListener("error", () => {
    wasLost = true;
    delete document.documentElement.dataset.connected;
    connection.textContent = "The connection is lost. Trying again…";
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 1000);
  });
  addEventListener("pagehide", () => stream.close());
}

for (const item of $$("[data-keyed] > *")) item.dataset.source = item.outerHTML;
for (const log of $$(".log[role=log]")) scrollToEnd(log);
listen();
