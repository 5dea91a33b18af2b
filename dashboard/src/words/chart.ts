// Words around a chart.

export const chart = {
  how_long: { zh: '时间长度', en: 'How long' },
  hour: { zh: '1 小时', en: '1 h' },
  six_hours: { zh: '6 小时', en: '6 h' },
  day: { zh: '1 天', en: '1 day' },
  week: { zh: '7 天', en: '7 days' },
  month: { zh: '30 天', en: '30 days' },
  year: { zh: '1 年', en: '1 year' },
  earlier: { zh: '往前', en: 'Earlier' },
  later: { zh: '往后', en: 'Later' },
  closer: { zh: '放大', en: 'Closer' },
  wider: { zh: '缩小', en: 'Wider' },
  label: { zh: '曲线：{name}', en: 'Chart: {name}' },
  nothing: { zh: '这段时间没有数据。', en: 'Nothing is known of this time.' },
  summary: {
    zh: '最低 {min}，平均 {mean}，最高 {max}。',
    en: 'Lowest {min}, mean {mean}, highest {max}.',
  },
  gaps: { zh: '有 {count} 处断开，那时没有数据。', en: '{count} gaps, of which nothing is known.' },
  hint: {
    zh: '拖选一段可以放大；选中图后，左右键移动，+ 和 − 缩放。',
    en: 'Drag over a stretch to look closer. With the chart focused, the arrow keys move it, + and − zoom.',
  },
  table: { zh: '下载这段时间的表格（CSV）', en: 'This stretch as a table (CSV)' },
};
