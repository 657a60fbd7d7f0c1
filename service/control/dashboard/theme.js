// The colours: as the system has them, or as chosen here. Not a module, so that it runs before the
// first paint.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const modes = ['auto', 'light', 'dark'];

  function stored() {
    try {
      const mode = localStorage.getItem('trawl.theme');
      return modes.includes(mode) ? mode : 'auto';
    } catch {
      return 'auto';  // a browser that keeps nothing
    }
  }

  let mode = stored();
  function apply() {
    root.dataset.theme = mode === 'auto' ? (system.matches ? 'dark' : 'light') : mode;
    dispatchEvent(new Event('trawl-theme'));
  }

  system.addEventListener('change', apply);
  window.trawl_theme = {
    get mode() {
      return mode;
    },
    next() {
      const turns = system.matches ? ['auto', 'light', 'dark'] : ['auto', 'dark', 'light'];
      mode = turns[(turns.indexOf(mode) + 1) % turns.length];  // so that the first turn is seen
      try {
        localStorage.setItem('trawl.theme', mode);
      } catch {
        // kept for this page alone
      }
      apply();
      return mode;
    },
  };
  apply();
})();
