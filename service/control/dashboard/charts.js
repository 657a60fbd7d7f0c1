// Curves of the last minutes. Chart.js draws on a canvas; what it shows is also in the canvas's label.
import { h, set } from './dom.js';
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

// A panel with one curve: unit of points is pages or bytes, divided by `per`.
class Curve {
  constructor(title, unit, field, per, tint) {
    Object.assign(this, { unit, field, per, tint });
    this.now = h('span.chart-now', {}, format.none);
    this.canvas = h('canvas', { role: 'img' });
    this.element = h('section.panel.chart', {},
      h('header', {}, h('h2', {}, title), h('p', {}, this.now, h('span.unit', {}, ` ${unit}`))),
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
    const shown = [];
    let top = 0;
    for (const point of points) {
      const x = (point.time - now) / 1000;
      if (x < -window_s) continue;
      const y = point[this.field] / this.per;
      top = Math.max(top, y);
      shown.push({ x, y });
    }
    this.chart.data.datasets[0].data = shown;
    this.chart.update('none');
    const last = shown.at(-1)?.y ?? NaN;
    this.now.textContent = format.rate(last);
    set(this.canvas, 'aria-label',
      `${this.unit}, the last five minutes: ${format.rate(last)} now, ${format.rate(top)} at most`);
  }
}

// Both curves of a job, or of all jobs for ''. Call stop() when they leave the page.
export function throughput(name) {
  const curves = [
    new Curve('Pages', 'pages/s', 'pages', 1, '--curve-1'),
    new Curve('Received', 'MB/s', 'bytes', 1e6, '--curve-2'),
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
