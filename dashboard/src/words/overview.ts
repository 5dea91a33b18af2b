// Words of the overview: the site as a plan.

export const overview = {
  in_test: { zh: '测试中，到 {time}', en: 'In test until {time}' },
  title: { zh: '总览', en: 'Overview' },
  nothing: { zh: '还没有设备', en: 'No devices yet' },
  by_state: { zh: '按状态筛选', en: 'Only those that stand so' },
  all: { zh: '全部', en: 'All' },
  search: { zh: '查找设备或位置', en: 'Find a device or a place' },
  none_such: { zh: '没有符合的设备。', en: 'No device is like that.' },
  more_points: { zh: '还有 {count} 个测点', en: '{count} more points' },
  phase_calling: { zh: '正在找人', en: 'Looking for somebody' },
  phase_going: { zh: '有人路上', en: 'Somebody is going' },
  phase_there: { zh: '有人到场', en: 'Somebody is there' },
  phase_ended: { zh: '已结束', en: 'Over' },
};
