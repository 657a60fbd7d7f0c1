// Places are in the fragment, so that back, forward and bookmarks work:
// #/  #/new  #/jobs/NAME  #/jobs/NAME/records?host=…

export const tabs = ['overview', 'records', 'hosts', 'settings'];

export function place_of(hash) {
  const [path, search = ''] = hash.replace(/^#\/?/, '').split('?');
  let parts;
  try {
    parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    parts = [];  // a broken escape
  }
  const filter = Object.fromEntries(new URLSearchParams(search));
  if (parts[0] === 'new') return { page: 'new' };
  if (parts[0] === 'jobs' && parts[1])
    return { page: 'job', job: parts[1], tab: tabs.includes(parts[2]) ? parts[2] : 'overview', filter };
  return { page: 'home' };
}

export function job_hash(name, tab = 'overview', filter = {}) {
  const search = new URLSearchParams(Object.entries(filter).filter(([, value]) => value)).toString();
  return `#/jobs/${encodeURIComponent(name)}${tab === 'overview' ? '' : `/${tab}`}${search ? `?${search}` : ''}`;
}

export const go = (hash) => {
  location.hash = hash;
};
