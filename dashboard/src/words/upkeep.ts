// Words of the frame around the maintainer's pages.

export const upkeep = {
  skip: { zh: '跳到内容', en: 'Skip to the page' },
  pages: { zh: '页面', en: 'Pages' },
  main_pages: { zh: '主要页面', en: 'Main pages' },
  more: { zh: '更多', en: 'More' },
  first_page: { zh: '回首页', en: 'First page' },
  overview: { zh: '总览', en: 'Overview' },
  devices: { zh: '设备', en: 'Devices' },
  walk_test: { zh: '巡检测试', en: 'Walk tests' },
  commissioning: { zh: '验收报告', en: 'Commissioning report' },
  incidents: { zh: '警报记录', en: 'Incidents' },
  boards: { zh: '板子', en: 'Boards' },
  labels: { zh: '标签', en: 'Labels' },
  modbus: { zh: 'Modbus 总线', en: 'Modbus' },
  figures: { zh: '报警统计', en: 'Figures' },
  rosters: { zh: '值班表', en: 'Rosters' },
  policies: { zh: '通知顺序', en: 'Policies' },
  advice: { zh: '处置卡与钥匙', en: 'Advice and keys' },
  people: { zh: '人员', en: 'People' },
  channels: { zh: '通知渠道', en: 'Channels' },
  audit: { zh: '操作记录', en: 'Audit log' },

  // What did not work
  not_read: {
    zh: '没有读到：连不上网关。请看看有没有信号。',
    en: "It could not be read: the gateway can't be reached. Check that there is a signal.",
  },
  not_read_why: {
    zh: '没有读到：网关没有给出来。',
    en: 'It could not be read: the gateway did not give it.',
  },
  not_for_you: { zh: '您没有权限看这一页。', en: "You aren't allowed to see this." },
};
