// Draws the overview's plots from its table of minutes, again whenever the table has changed. Without scripts the table is shown.
(() => {
  const section = document.querySelector('[data-plots]');
  if (section === null || typeof uPlot === 'undefined') return;
  const source = section.querySelector('[data-minutes]');
  const button = section.querySelector('button');
  const OUTCOMES = 6;
  let plots = [];

  function readTable() {
    const rows = [...source.querySelectorAll('tbody tr')].map((row) => {
      const at = Date.parse(row.querySelector('time').getAttribute('datetime')) / 1000;
      const values = [...row.querySelectorAll('td')].map((cell) => {
        const text = cell.textContent.replace(/[^\d.]/g, '');
        return text === '' ? null : Number(text);
      });
      return [at, ...values];
    });
    return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]));
  }

  /** Colours as the styles have them now, light or dark. */
  function colours() {
    return [...section.querySelectorAll('.swatch')].map((each) => getComputedStyle(each).backgroundColor);
  }

  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: section.dataset.zone, hour: '2-digit', minute: '2-digit' },
  });

  function clock(seconds) {
    return format.format(new Date(seconds * 1000));
  }

  function axes(unit) {
    const style = getComputedStyle(section);
    const line = { stroke: style.getPropertyValue('border-top-color'), width: 1 };
    const axis = { stroke: style.color, grid: line, ticks: line };
    return [
      { ...axis, values: (_plot, values) => values.map(clock) },
      { ...axis, size: 64, values: (_plot, values) => values.map((value) => `${value}${unit}`) },
    ];
  }

  /** Bars on top of each other: the tallest sum is drawn first, and the others over it. */
  function stacked(counts) {
    const sums = counts.map(() => []);
    for (let row = 0; row < (counts[0]?.length ?? 0); row += 1) {
      let sum = 0;
      counts.forEach((column, n) => {
        sum += column[row] ?? 0;
        sums[n].push(sum);
      });
    }
    return sums.reverse();
  }

  function plot(target, unit, data, series) {
    const utc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), section.dataset.zone);
    const options = {
      width: Math.max(280, target.clientWidth),
      height: 220,
      tzDate: utc,
      legend: { show: false },
      cursor: { drag: { x: false, y: false } },
      scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max ?? 1) * 1.05] } },
      axes: axes(unit),
      series: [{}, ...series],
    };
    target.replaceChildren();
    return new uPlot(options, data, target);
  }

  function draw() {
    const [times = [], ...columns] = readTable();
    const colour = colours();
    for (const each of plots) each.destroy();
    const bars = uPlot.paths.bars({ size: [0.9, 40] });
    const outcomes = colour.slice(0, OUTCOMES).reverse();
    plots = [
      plot(
        section.querySelector('[data-plot="outcomes"]'),
        '',
        [times, ...stacked(columns.slice(0, OUTCOMES))],
        outcomes.map((fill) => ({ fill, stroke: fill, width: 0, paths: bars, points: { show: false } })),
      ),
      plot(
        section.querySelector('[data-plot="times"]'),
        ' ms',
        [times, ...columns.slice(OUTCOMES, OUTCOMES + 2)],
        colour
          .slice(OUTCOMES)
          .map((stroke, n) => ({ stroke, width: 2, dash: n === 0 ? [] : [6, 4], spanGaps: true })),
      ),
    ];
  }

  const table = section.querySelector('.as-table');
  function showTable(isShown) {
    table.hidden = !isShown;
    button.textContent = isShown ? 'Hide the table' : 'Show as a table';
    button.setAttribute('aria-expanded', String(isShown));
  }

  button.hidden = false;
  button.addEventListener('click', () => showTable(table.hidden));
  showTable(false);
  draw();
  new MutationObserver(draw).observe(source, { childList: true, subtree: true, characterData: true });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  new ResizeObserver(() => {
    for (const each of plots) {
      const width = Math.max(280, each.root.parentElement.clientWidth);
      if (width !== each.width) each.setSize({ width, height: 220 });
    }
  }).observe(section);
})();
