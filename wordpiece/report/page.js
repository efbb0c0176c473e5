"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const tokens = data.tokens;
  const merges = data.merges; // [left, right, new, f_ab, f_a, f_b, score, n], the last two made here
  let symbols = data.symbols;
  merges.forEach((merge, place) => {
    if (data.score === "likelihood") merge[6] = merge[3] / (merge[4] * merge[5]);
    if (data.score === "frequency") merge[6] = merge[3];
    merge[7] = symbols;
    symbols -= data.overlapping[place + 1] ?? merge[3];
  });
  const page = 100;
  document.documentElement.classList.add("scripted");
  const at = (id) => document.getElementById(id);

  // Text alone ever reaches the page: nothing is read as markup.
  const make = (name, text, kind) => {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (kind) node.className = kind;
    return node;
  };
  const token = (text) => make("bdi", text);
  const number = (value) => value.toLocaleString("en-US");
  const short = (value) => Number.isInteger(value) ? number(value) : value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)
    ? value.toExponential(3) : String(Number(value.toPrecision(6)));
  const times = (count) => (count === 0 ? "never" : count === 1 ? "once" : `${number(count)} times`);
  const bare = (text) => (data.prefix && text.startsWith(data.prefix) ? text.slice(data.prefix.length) : text);
  const scoreText = (merge) => data.score === "likelihood"
    ? `${number(merge[3])} / (${number(merge[4])} × ${number(merge[5])}) = ${short(merge[6])}` : short(merge[6]);

  // ------------------------------------------------------------ light and dark

  at("theme").addEventListener("click", () => {
    const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark");
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  });

  // ------------------------------------------------------------ rows of tokens

  // One stop of the Tab key for a row; arrows within it; Enter or a click keeps a token's reason.
  const rove = (list, tell) => {
    const boxes = [...list.querySelectorAll("button")];
    boxes.forEach((box, place) => {
      box.tabIndex = place ? -1 : 0;
      box.setAttribute("aria-pressed", "false");
      const why = box.title;
      box.addEventListener("mouseenter", () => tell(why, box, false));
      box.addEventListener("focus", () => tell(why, box, false));
      box.addEventListener("click", () => tell(why, box, true));
      box.addEventListener("keydown", (event) => {
        const move = { ArrowRight: 1, ArrowLeft: -1, Home: -place, End: boxes.length - 1 - place }[event.key];
        const next = move === undefined ? undefined : boxes[place + move];
        if (!next) return;
        event.preventDefault();
        box.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      });
    });
  };
  let kept = null;
  const why = at("why");
  const tell = (text, box, keep) => {
    if (keep) {
      if (kept) kept.setAttribute("aria-pressed", "false");
      kept = kept === box ? null : box;
      if (kept) kept.setAttribute("aria-pressed", "true");
    }
    if (!kept || kept === box) why.textContent = text;
  };
  document.querySelectorAll("#samples ul.split").forEach((list) => rove(list, tell));

  const splitRow = (list) => {
    const row = make("ul", undefined, "split");
    list.forEach((text, place) => {
      const item = make("li");
      const box = make("span", undefined, `chip c${place % 4}${text === data.unk ? " unk" : ""}`);
      box.append(token(text));
      item.append(box);
      row.append(item);
    });
    return row;
  };

  // ------------------------------------------------------------ look up a token

  const index = new Map(tokens.map((text, id) => [text, id]));
  const born = new Map();
  const takers = new Map();
  merges.forEach((merge, place) => {
    if (!born.has(merge[2])) born.set(merge[2], place);
    for (const part of new Set([merge[0], merge[1]])) {
      if (!takers.has(part)) takers.set(part, []);
      takers.get(part).push(place);
    }
  });
  const idOf = (place) => (data.ids ? data.ids[place] : place);
  const sizeAfter = [data.begun]; // by the number of steps; a token that is made again adds nothing
  merges.forEach((merge, place) => sizeAfter.push(Math.max(sizeAfter[place], idOf(merge[2]) + 1)));
  const treeOf = (id, depth) => {
    const item = make("li");
    item.append(token(tokens[id]));
    const place = born.get(id);
    if (place === undefined || depth > 60) return item;
    const merge = merges[place];
    item.append(` step ${number(place + 1)}, ${scoreText(merge)}`);
    const parts = make("ul");
    parts.append(treeOf(merge[0], depth + 1), treeOf(merge[1], depth + 1));
    item.append(parts);
    return item;
  };
  const tokenDetail = at("token-detail");
  const line = (name, text) => {
    const row = make("div");
    row.append(make("b", `${name} `), document.createTextNode(text));
    return row;
  };
  const showToken = (id) => {
    tokenDetail.replaceChildren();
    const head = make("div");
    head.append(token(tokens[id]), `, id ${idOf(id)}`);
    tokenDetail.append(head);
    if (data.counts) tokenDetail.append(line("used", times(data.counts[id])));
    if (data.unreachable[id]) tokenDetail.append(line("unreachable", data.unreachable[id]));
    else if (data.witness[id]) tokenDetail.append(line("reached by", data.witness[id]));
    else if (data.undecided.includes(id)) tokenDetail.append(line("reached", "not known"));
    else if (data.prefix && tokens[id].startsWith(data.prefix)) tokenDetail.append(line("reached by", data.before + bare(tokens[id])));
    const taken = (takers.get(id) || []).slice(0, 8).map((place) => tokens[merges[place][2]]);
    if (taken.length) tokenDetail.append(line("taken by", taken.join(" ")));
    if (born.has(id)) {
      const tree = make("ul", undefined, "tree");
      tree.append(treeOf(id, 0));
      tokenDetail.append(line("built by", ""), tree);
    }
  };
  at("token-search").addEventListener("input", (event) => {
    const wanted = event.target.value;
    const list = at("token-found");
    list.replaceChildren();
    if (!wanted) { at("token-count").textContent = ""; return; }
    const found = [];
    let all = 0;
    tokens.forEach((text, id) => {
      if (!text.includes(wanted)) return;
      all += 1;
      found.push(id);
    });
    found.sort((a, b) => tokens[a].length - tokens[b].length || a - b);
    at("token-count").textContent = all === 1 ? "1 token" : `${number(all)} tokens`;
    found.slice(0, 60).forEach((id, place) => {
      const item = make("li");
      const box = make("button", undefined, `chip c${place % 4}`);
      box.type = "button";
      box.append(token(tokens[id]));
      box.addEventListener("click", () => showToken(id));
      item.append(box);
      list.append(item);
    });
    rove(list, () => {});
    if (index.has(wanted)) showToken(index.get(wanted));
    else if (found.length) showToken(found[0]);
    else tokenDetail.textContent = "No token has it.";
  });

  if (!merges.length) return;

  // ------------------------------------------------------------ the table of merges

  const table = at("merge-table");
  const body = table.tBodies[0];
  let order = merges.map((_, place) => place);
  let first = 0;
  let sorted = { key: "step", down: false };
  const values = {
    step: (place) => place,
    score: (place) => merges[place][6],
    tied: (place) => (data.details[place + 1] || [])[0],
    margin: (place) => (data.details[place + 1] || [])[2],
    rank: (place) => (data.details[place + 1] || [])[1],
    pair: (place) => tokens[merges[place][2]],
  };
  const cell = (text, kind) => make("td", text, kind);
  const pairText = (rival) => `${tokens[rival[0]]} ${tokens[rival[1]]}`;
  const rowOf = (place) => {
    const merge = merges[place];
    const detail = data.details[place + 1];
    const row = make("tr");
    const step = cell(undefined, "n");
    const button = make("button", number(place + 1));
    button.type = "button";
    button.addEventListener("click", () => showMerge(place));
    step.append(button);
    const pair = cell();
    pair.append(token(tokens[merge[0]]), " ", token(tokens[merge[1]]), " → ", token(tokens[merge[2]]));
    row.append(step, pair, cell(scoreText(merge), "n"));
    if (detail) {
      const tied = cell(undefined, "n");
      if (detail[0] > 1) tied.append(make("span", `tie of ${detail[0]}${detail[0] >= data.most_tied ? "+" : ""}`, "badge"));
      row.append(tied, cell(detail[2] === null ? "" : short(detail[2]), "n"), cell(number(detail[1]), "n"));
      const rival = cell();
      if (detail[3].length) rival.append(token(pairText(detail[3][0])), ` ${short(detail[3][0][5])}`);
      row.append(rival);
    } else row.append(cell("", "n"), cell("", "n"), cell("", "n"), cell(""));
    return row;
  };
  const draw = () => {
    body.replaceChildren(...order.slice(first, first + page).map(rowOf));
    at("merge-page").textContent = order.length
      ? `${number(first + 1)} to ${number(Math.min(first + page, order.length))} of ${number(order.length)}` : "none";
    at("merge-back").disabled = first === 0;
    at("merge-on").disabled = first + page >= order.length;
  };
  const detailBox = at("merge-detail");
  const showMerge = (place) => {
    const merge = merges[place];
    const detail = data.details[place + 1];
    detailBox.replaceChildren();
    const head = make("div");
    head.append(`Step ${number(place + 1)}: `, token(tokens[merge[0]]), " + ", token(tokens[merge[1]]), " → ",
      token(tokens[merge[2]]), `, ${scoreText(merge)}`);
    detailBox.append(head);
    const pmi = Math.log2(merge[7] * merge[3] / (merge[4] * merge[5]));
    detailBox.append(make("div", `f(ab) ${number(merge[3])}, f(a) ${number(merge[4])}, f(b) ${number(merge[5])}, `
      + `${number(merge[7])} symbols; PMI ${pmi.toFixed(2)} bits`
      + (detail ? `; rank ${number(detail[1])} by frequency, which is what BPE goes by` : "")));
    if (!detail) { detailBox.append(make("div", "Its rivals were not recorded.")); return; }
    const list = make("ul");
    detail[3].forEach((rival) => {
      const item = make("li");
      item.append(token(pairText(rival)), ` f(ab) ${number(rival[2])}, f(a) ${number(rival[3])}, f(b) ${number(rival[4])}, score ${short(rival[5])}`);
      list.append(item);
    });
    detailBox.append(make("div", detail[3].length ? "Against:" : "There was no rival."), list);
  };
  const arrange = () => {
    const wanted = at("merge-filter").value.trim();
    const step = /^[\d,]+$/.test(wanted) ? Number(wanted.replaceAll(",", "")) - 1 : -1;
    order = merges.map((_, place) => place).filter((place) => !wanted || place === step
      || merges[place].slice(0, 3).some((id) => tokens[id].includes(wanted))
      || `${tokens[merges[place][0]]} ${tokens[merges[place][1]]}` === wanted);
    const value = values[sorted.key];
    const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    order.sort((a, b) => {
      const [one, other] = [value(a) ?? null, value(b) ?? null]; // what was not recorded comes last
      if (one === null || other === null) return (one === null) - (other === null) || a - b;
      return (sorted.down ? compare(other, one) : compare(one, other)) || a - b;
    });
    first = 0;
    at("merge-count").textContent = order.length === 1 ? "1 merge" : `${number(order.length)} merges`;
    draw();
  };
  table.querySelectorAll("th").forEach((head) => {
    const key = head.dataset.key;
    if (!values[key]) return;
    const button = make("button", head.textContent);
    button.type = "button";
    button.addEventListener("click", () => {
      sorted = { key, down: sorted.key === key ? !sorted.down : false };
      table.querySelectorAll("th").forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
      arrange();
    });
    head.replaceChildren(button);
  });
  at("merge-filter").addEventListener("input", arrange);
  at("merge-back").addEventListener("click", () => { first = Math.max(0, first - page); draw(); });
  at("merge-on").addEventListener("click", () => { first += page; draw(); });
  arrange();

  // ------------------------------------------------------------ how words are split

  const steps = new Map();
  merges.forEach((merge, place) => {
    const key = `${tokens[merge[0]]}\u0000${tokens[merge[1]]}`;
    if (!steps.has(key)) steps.set(key, []);
    steps.get(key).push(place + 1);
  });
  const stagesOf = (word) => {
    let parts = [...word].map((char, place) => (place ? data.prefix + char : char));
    const found = [[0, parts]];
    let step = 0;
    for (;;) {
      let best = Infinity;
      let pair = null;
      for (let place = 0; place + 1 < parts.length; place += 1) {
        const known = steps.get(`${parts[place]}\u0000${parts[place + 1]}`);
        const next = known && known.find((each) => each > step);
        if (next !== undefined && next < best) { best = next; pair = [parts[place], parts[place + 1]]; }
      }
      if (!pair) return found;
      step = best;
      const merged = [];
      for (let place = 0; place < parts.length; place += 1) {
        if (parts[place] === pair[0] && parts[place + 1] === pair[1]) {
          merged.push(pair[0] + bare(pair[1]));
          place += 1;
        } else merged.push(parts[place]);
      }
      parts = merged;
      found.push([step, parts]);
    }
  };
  const stageAt = (stages, step) => stages.reduce((last, stage) => (stage[0] <= step ? stage[1] : last), stages[0][1]);
  const greedy = (word, step) => {
    const chars = [...word];
    if (chars.length > data.longest) return [data.unk];
    const found = [];
    let place = 0;
    while (place < chars.length) {
      let end = chars.length;
      for (; end > place; end -= 1) {
        const text = (place ? data.prefix : "") + chars.slice(place, end).join("");
        const id = index.get(text);
        if (id !== undefined && idOf(id) < sizeAfter[step]) { found.push(text); break; }
      }
      if (end === place) return [data.unk];
      place = end;
    }
    return found;
  };
  const splitAt = (word, step) => (data.model === "wordpiece" ? greedy(word, step) : stageAt(watched.get(word), step));

  // ------------------------------------------------------------ replay and sizes

  const watched = new Map(data.words);
  const replayStep = at("replay-step");
  const changes = () => [...new Set([...watched.values()].flatMap((stages) => stages.map((stage) => stage[0])))].sort((a, b) => a - b);
  const wordRows = (split) => [...watched.keys()].map((word) => {
    const row = make("div", undefined, "model");
    const name = make("span");
    name.append(token(word));
    const list = split(word);
    const holder = make("div");
    holder.append(splitRow(list));
    row.append(name, make("span", String(list.length), "n"), holder);
    return row;
  });
  const drawReplay = () => {
    const step = Number(replayStep.value);
    at("replay-number").textContent = number(step);
    const box = at("replay-merge");
    box.replaceChildren();
    if (step) {
      const merge = merges[step - 1];
      const rival = data.details[step] && data.details[step][3][0];
      box.append(token(tokens[merge[0]]), " + ", token(tokens[merge[1]]), " → ", token(tokens[merge[2]]), `, ${scoreText(merge)}`);
      if (rival) box.append("; best rival ", token(pairText(rival)), ` ${short(rival[5])}`);
    } else box.append("Before the first merge: characters.");
    at("replay-words").replaceChildren(...wordRows((word) => stageAt(watched.get(word), step)));
    at("replay-back").disabled = !changes().some((each) => each < step);
    at("replay-on").disabled = !changes().some((each) => each > step);
  };
  replayStep.addEventListener("input", drawReplay);
  at("replay-back").addEventListener("click", () => {
    const earlier = changes().filter((each) => each < Number(replayStep.value));
    replayStep.value = earlier.length ? earlier[earlier.length - 1] : 0;
    drawReplay();
  });
  at("replay-on").addEventListener("click", () => {
    const later = changes().find((each) => each > Number(replayStep.value));
    if (later !== undefined) replayStep.value = later;
    drawReplay();
  });
  const size = at("size");
  const stepOfSize = (wanted) => {
    const step = sizeAfter.findIndex((each) => each >= wanted);
    return step < 0 ? merges.length : step;
  };
  const drawSize = () => {
    const wanted = Number(size.value);
    const step = stepOfSize(wanted);
    at("size-number").textContent = number(wanted);
    const measured = data.sizes.filter((each) => each[0] <= wanted && each[1] !== null).pop();
    at("size-note").textContent = `After step ${number(step)}.` + (measured
      ? ` Measured at ${number(measured[0])} tokens: ${measured[1].toFixed(3)} tokens a word.` : "");
    at("size-words").replaceChildren(...wordRows((word) => splitAt(word, step)));
  };
  size.addEventListener("input", drawSize);
  // A text as it is typed becomes words as the tokenizer would cut it, with this browser's Unicode.
  const marks = /[!-\/:-@\[-`{-~]|\p{P}|[^\s\p{P}!-\/:-@\[-`{-~]+/gu;
  const gpt2 = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
  const ideographs = new RegExp(`[${data.splitting.ideographs}]`, "gu");
  const wordsOf = (text) => {
    const rules = data.splitting;
    if (rules.kind === "byte-level") {
      return (text.match(gpt2) || []).map((word) => [...new TextEncoder().encode(word)]
        .map((byte) => [...rules.bytes][byte]).join(""));
    }
    if (rules.kind !== "bert") return text ? [text] : [];
    let found = text;
    if (rules.clean) found = found.replace(/[\0\ufffd]|(?![\t\n\r])\p{C}/gu, "");
    if (rules.cjk) found = found.replace(ideographs, " $& ");
    if (rules.strips) found = found.normalize("NFD").replace(/\p{Mn}/gu, "");
    if (rules.lowercase) found = [...found].map((char) => char.toLowerCase()).join("");
    return found.match(marks) || [];
  };
  const watch = () => {
    const field = at("pin");
    const refused = [];
    wordsOf(field.value).forEach((word) => {
      const stages = stagesOf(word);
      if (stages[0][1].every((part) => index.has(part))) watched.set(word, stages);
      else refused.push(word);
    });
    at("pin-note").textContent = refused.length ? `Not in the alphabet: ${refused.join(" ")}` : "";
    field.value = "";
    drawReplay();
    drawSize();
  };
  at("pin-add").addEventListener("click", watch);
  at("pin").addEventListener("keydown", (event) => { if (event.key === "Enter") watch(); });
  drawReplay();
  drawSize();
})();
