// Words of the alarm figures.

export const figures = {
  title: { zh: '报警统计', en: 'Alarm figures' },
  month_before: { zh: '上个月', en: 'The month before' },
  month_after: { zh: '下个月', en: 'The month after' },
  cut: {
    zh: '记录太多，没有全部算进去：数字偏低。',
    en: 'There was more than could be counted: the figures are too low.',
  },
  alarms: { zh: '报警次数', en: 'Alarms raised' },
  incidents: {
    zh: '{count} 件警报，{answered} 件有人回答',
    en: '{count} incidents, {answered} answered',
  },
  critical: { zh: '危急', en: 'critical' },
  high: { zh: '紧急', en: 'high' },
  normal: { zh: '一般', en: 'normal' },
  low: { zh: '次要', en: 'low' },
  acknowledge: { zh: '多久有人说「我去」', en: 'Until somebody went' },
  arrive: { zh: '多久有人到场', en: 'Until somebody was there' },
  never: { zh: '这个月没有', en: 'Not this month' },
  median: { zh: '一半在这之内', en: 'half of them within this' },
  spread: {
    zh: '十有九次不超过 {nine}，最长 {longest}，共 {count} 次',
    en: 'nine of ten within {nine}, the longest {longest}, {count} in all',
  },
  floods: { zh: '报警洪水（10 分钟超过 10 个）', en: 'Floods (more than 10 in 10 min)' },
  floods_are: {
    zh: '占 {percent}% 的时间，最多一次 {worst} 个',
    en: '{percent}% of the time, {worst} in the worst',
  },
  standing: { zh: '还没消失的报警', en: 'Standing at the end' },
  set_aside: {
    zh: '搁置 {shelved} 次，停用设备 {out} 次',
    en: 'Shelved: {shelved}. Devices taken out of service: {out}',
  },
  people: { zh: '每个人被叫的次数', en: 'How much each person was asked' },
  target: {
    zh: '目标：每人 10 分钟内最多 1 次。',
    en: 'Target: at most one in 10 minutes for each person.',
  },
  nobody_asked: { zh: '没有人被叫过。', en: 'Nobody was asked.' },
  who: { zh: '谁', en: 'Who' },
  asked: { zh: '次数', en: 'Asked' },
  per_day: { zh: '每天', en: 'A day' },
  busiest: { zh: '10 分钟内最多', en: 'Most in 10 min' },
  frequent: { zh: '最常见的报警', en: 'Most frequent' },
  chattering: { zh: '反复跳动的报警（1 分钟 3 次以上）', en: 'Chattering (3 or more in a minute)' },
  stale: { zh: '超过 24 小时的报警', en: 'Stale (longer than 24 h)' },
  stands: { zh: '从 {time} 起已 {hours} 小时，还在', en: 'since {time}, for {hours} h, and still' },
  stood: { zh: '从 {time} 起 {hours} 小时', en: 'since {time}, for {hours} h' },
  none: { zh: '没有', en: 'None' },
};
