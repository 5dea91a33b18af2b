// Words about devices that announce themselves.

export const found = {
  title: { zh: '发现的设备', en: 'Found devices' },
  see: { zh: '发现的设备（{count} 个待添加）', en: 'Found devices ({count} to take in)' },
  what: {
    zh: '这些设备自己报了名。选好装在哪里，更夫才开始值守它。',
    en: 'These devices announce themselves. They are watched once somebody says where they hang.',
  },
  not_listening: {
    zh: '没有打开。在配置文件的 [homeassistant] 里写 discover = true。',
    en: 'It is switched off. Write discover = true in [homeassistant] of the configuration.',
  },
  none: { zh: '还没有设备报名。', en: 'No device has announced itself yet.' },
  no_room: {
    zh: '报名的太多，有 {count} 条没有收下。看看是谁在乱发。',
    en: 'There were too many: {count} announcements found no room. See who sends them.',
  },
  alarm: { zh: '报警：{alarm}', en: 'raises: {alarm}' },
  recorded: { zh: '只记录数值', en: 'recorded only' },
  nothing_usable: { zh: '它的话一句也看不懂。', en: 'Nothing that it says can be understood.' },
  adopt: { zh: '添加这台设备', en: 'Take it in' },
  adopted: { zh: '已添加：{id}', en: 'taken in as {id}' },
  changed: {
    zh: '它现在的报名和添加时不一样了。',
    en: 'It announces itself otherwise than when it was taken in.',
  },
  take_over: { zh: '按新的更新', en: 'Take that over' },
  silent: {
    zh: '它不再报名，但仍在值守。',
    en: 'It is no longer announced; it is watched all the same.',
  },
  where: { zh: '装在哪里？', en: 'Where does it hang?' },
  name_zh: { zh: '中文名称', en: 'Its name in Chinese' },
  name_en: { zh: '英文名称', en: 'Its name in English' },
  id: { zh: '编号（程序用）', en: 'Its name for programs' },
  save: { zh: '开始值守', en: 'Watch it from now on' },
  cancel: { zh: '取消', en: 'Cancel' },
} as const;
