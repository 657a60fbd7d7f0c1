// Elements. Text goes in as text nodes alone: nothing that a crawl brought is ever parsed as markup,
// and there is no innerHTML anywhere in the dashboard.

// h('button.primary', { type: 'button', onclick }, 'Run', child …). Props that are functions become
// listeners, true and false set or remove an attribute, null leaves it out.
export function h(spec, props = {}, ...children) {
  const [tag, ...classes] = spec.split('.');
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(' ');
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  add(element, children);
  return element;
}

export function set(element, name, value) {
  if (typeof value === 'function') {
    element.addEventListener(name.replace(/^on/, ''), value);
  } else if (value === null || value === undefined || value === false) {
    element.removeAttribute(name);
  } else {
    const text = value === true ? '' : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

export function add(element, children) {
  for (const child of children.flat(Infinity))
    if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren();
  return add(element, children);
}

// Only what changed: screen readers and selections are left alone.
export function text(element, value) {
  const wanted = String(value);
  if (element.textContent !== wanted) element.textContent = wanted;
}

// The parent's children become one a key, in the order of the items; elements that stay are kept, and
// not moved for those that go, so that focus and scroll positions stay with them. make(item) gives an
// element, update(element, item) brings it up to date.
export function reconcile(parent, items, key_of, make, update) {
  const known = new Map();
  const wanted = new Set(items.map((item) => String(key_of(item))));
  for (const child of [...parent.children]) {
    if (wanted.delete(child.dataset.key)) known.set(child.dataset.key, child);
    else child.remove();
  }
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = String(key_of(item));
    let element = known.get(key);
    if (element) known.delete(key);
    else {
      element = make(item);
      element.dataset.key = key;
    }
    update(element, item);
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
}

export const by_id = (id) => document.getElementById(id);

// Said by screen readers, seen by nobody.
export function announce(message) {
  text(by_id('announce'), message);
}

// An external link only for what is a web address; everything else stays text.
export function web_url(value) {
  try {
    const url = new URL(value);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}
