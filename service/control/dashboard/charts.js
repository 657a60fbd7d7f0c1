// Curves of the last minutes. Chart.js draws on a canvas; what it shows is also in the canvas's label.
import { h, set, text } from './dom.js';
import * as format from './format.js';
import { live } from './live.js';

const window_s = 300;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const translucent = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, '0');

function ago_text(seconds) {
  if (seconds === 0) return 'now';
  return `${Math.round(-seconds / 60)} min ago`;
}

function options_of(show) {
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    interaction: { mode: 'index', intersect: false },
    layout: { padding: { right: 8 } },
    plugins: {
      legend: { display: false },
      tooltip: {
        displayColors: false,
        callbacks: {
          title: ([item]) => (item ? `${Math.round(-item.parsed.x)} s ago` : ''),
          label: (item) => show(item.parsed.y),
        },
      },
    },
    scales: {
      x: {
        type: 'linear', min: -window_s, max: 0, border: { display: false },
        grid: { display: false },
        ticks: { stepSize: 60, maxRotation: 0, callback: ago_text, autoSkipPadding: 24 },
      },
      y: {
        type: 'linear', beginAtZero: true, suggestedMax: 1, grace: '10%', border: { display: false },
        ticks: { maxTicksLimit: 5, precision: 0, callback: (value) => format.compact(value) },
        afterFit: (scale) => {
          scale.width = 44;  // the same for all, and it never moves while figures grow
        },
      },
    },
  };
}

// Of the largest of them, so that a slow crawl has a curve too.
const byte_units = [['kB/s', 1e3], ['MB/s', 1e6], ['GB/s', 1e9]];
const byte_unit = (top) => byte_units.findLast(([, per]) => top >= per) ?? byte_units[0];

// A panel with one curve: `unit_of` the largest value gives what the curve shows, and how much of a
// point's field that is.
class Curve {
  constructor(title, field, unit_of, tint) {
    [this.unit, this.per] = unit_of(0);
    Object.assign(this, { field, unit_of, tint });
    this.now = h('span.chart-now', {}, format.none);
    this.unit_text = h('span.unit', {}, this.unit);
    this.canvas = h('canvas', { role: 'img' });
    this.element = h('section.panel.chart', {},
      h('header', {}, h('h2', {}, title), h('p', {}, this.now, ' ', this.unit_text)),
      h('div.chart-box', {}, this.canvas));
    this.chart = null;
  }

  // The canvas has its size once it is in the page.
  start() {
    this.chart = new Chart(this.canvas, {
      type: 'line',
      data: { datasets: [{ data: [], borderWidth: 2, pointRadius: 0, fill: true, cubicInterpolationMode: 'monotone' }] },
      options: options_of((value) => `${format.rate(value)} ${this.unit}`),
    });
    this.paint();
  }

  paint() {
    const line = colour(this.tint);
    const dataset = this.chart.data.datasets[0];
    dataset.borderColor = line;
    dataset.backgroundColor = translucent(line, 0.12);
    const { x, y } = this.chart.options.scales;
    for (const scale of [x, y]) {
      scale.ticks.color = colour('--muted');
      scale.ticks.font = { size: 11, family: getComputedStyle(document.body).fontFamily };
    }
    y.grid.color = colour('--line');
    this.chart.update('none');
  }

  update(points) {
    if (!this.chart) return;
    const now = Date.now();
    const recent = points.filter((point) => now - point.time <= window_s * 1000);
    const most = Math.max(0, ...recent.map((point) => point[this.field]));
    [this.unit, this.per] = this.unit_of(most);
    text(this.unit_text, this.unit);
    const shown = recent.map((point) => ({ x: (point.time - now) / 1000, y: point[this.field] / this.per }));
    this.chart.data.datasets[0].data = shown;
    this.chart.update('none');
    const last = shown.at(-1)?.y ?? NaN;
    this.now.textContent = format.rate(last);
    set(this.canvas, 'aria-label',
      `${this.unit}, the last five minutes: ${format.rate(last)} now, ${format.rate(most / this.per)} at most`);
  }
}

// Both curves of a job, or of all jobs for ''. Call stop() when they leave the page.
export function throughput(name) {
  const curves = [
    new Curve('Pages', 'pages', () => ['pages/s', 1], '--curve-1'),
    new Curve('Received', 'bytes', byte_unit, '--curve-2'),
  ];
  const element = h('div.charts', {}, curves.map((curve) => curve.element));
  const update = () => {
    if (document.hidden) return;
    for (const curve of curves) curve.update(live.points(name));
  };
  const repaint = () => curves.forEach((curve) => curve.chart && curve.paint());
  const off = live.on('tick', update);
  addEventListener('trawl-theme', repaint);
  requestAnimationFrame(() => {
    if (!element.isConnected) return;
    curves.forEach((curve) => curve.start());
    update();
  });
  const stop = () => {
    off();
    removeEventListener('trawl-theme', repaint);
    curves.forEach((curve) => curve.chart?.destroy());
  };
  return { element, stop };
}
