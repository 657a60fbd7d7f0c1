// Just enough TOML to show the settings that the daemon prints: tables, and a value a line. What this
// can't read is shown as it stands.

function unquoted(text) {
  if (text.startsWith("'")) return text.slice(1, -1);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// The value without a comment behind it; quotes are respected.
function without_comment(text) {
  const match = /^((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'#])*)/.exec(text);
  return match[1].trim();
}

// {"politeness.delay": "1s", "scope.exclude": ["*.zip"], …}
export function read_settings(toml) {
  const values = {};
  let table = '';
  for (const line of toml.split('\n')) {
    const header = /^\s*\[([^[\]]+)\]/.exec(line);
    if (header) {
      table = `${header[1].trim()}.`;
      continue;
    }
    if (/^\s*\[\[/.test(line)) return values;  // [[site]] and what follows has no keys of its own
    const pair = /^\s*([A-Za-z0-9_-]+)\s*=\s*(.*)$/.exec(line);
    if (pair) values[table + pair[1]] = value_of(without_comment(pair[2]));
  }
  return values;
}

function value_of(text) {
  if (/^[[]/.test(text)) {
    const items = text.slice(1, -1).match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^,\s]+/g) ?? [];
    return items.map(unquoted);
  }
  return /^["']/.test(text) ? unquoted(text) : text;
}
