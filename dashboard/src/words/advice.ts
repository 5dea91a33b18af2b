// Words of advice for whoever goes: on the incident's page, and where it is written.

export const advice = {
  // On the incident's page
  first: { zh: '先做什么', en: 'What to do first' },
  flats: { zh: '需要帮助的住户', en: 'Flats that need help' },
  things: { zh: '钥匙与救援工具', en: 'Keys and rescue kit' },
  held_by: { zh: '保管人：{name}', en: 'Held by {name}' },

  // Where it is written
  title: { zh: '处置卡与钥匙', en: 'Advice and keys' },
  what: {
    zh: '出警的人在警报页面上看到的：先做什么，钥匙在哪里、谁保管，火警和燃气时谁需要帮助。消息里说头几步，短信只说开头，邮件全说；电话里按“我去”以后说第一步。所以最要紧的写在最前面。',
    en: 'What whoever goes reads on the page of an alarm: what to do first, where the keys are and who holds them, and, for fire and gas, who needs help. Messages say the first steps: a text only the beginning, a mail all of them; a call says the first one to whoever goes. So put first what matters most.',
  },
  cards: { zh: '处置卡', en: 'Cards' },
  edited: { zh: '改过', en: 'edited' },
  edit: { zh: '修改', en: 'Change' },
  nth_step: { zh: '第 {count} 步', en: 'Step {count}' },
  in_chinese: { zh: '中文', en: 'Chinese' },
  in_english: { zh: '英文', en: 'English' },
  up: { zh: '上移', en: 'Up' },
  take_away: { zh: '去掉', en: 'Take away' },
  add_step: { zh: '加一步', en: 'One more step' },
  save: { zh: '保存', en: 'Save' },
  saved: { zh: '已保存', en: 'Saved' },
  usual: { zh: '恢复原来的', en: 'Back to the usual card' },
  usual_sure: { zh: '确定恢复', en: 'Really go back' },

  places: { zh: '各处的钥匙和住户', en: 'Keys and flats, place by place' },
  place: { zh: '位置', en: 'Place' },
  choose: { zh: '请选择', en: 'Choose one' },
  no_places: { zh: '还没有设置位置。', en: 'No places are set up yet.' },
  inside_too: {
    zh: '写在一栋楼上的，对楼里任何地方的警报都有效。',
    en: 'What stands at a building is shown for an alarm anywhere inside it.',
  },
  thing: { zh: '什么东西', en: 'What it is' },
  kept_at: { zh: '放在哪里', en: 'Where it is kept' },
  holder: { zh: '保管人', en: 'Key holder' },
  nobody: { zh: '没有', en: 'nobody' },
  no_things: { zh: '这里还没有写钥匙和工具。', en: 'No keys and no kit are noted here yet.' },
  add_thing: { zh: '加一样东西', en: 'One more thing' },
  flat: { zh: '门牌', en: 'Flat' },
  help: { zh: '需要什么帮助', en: 'What help' },
  no_flats: { zh: '这里还没有写需要帮助的住户。', en: 'No flats are noted here yet.' },
  add_flat: { zh: '加一户', en: 'One more flat' },
  private: {
    zh: '个人信息：只在火警和燃气警报没有结束时，给打开警报页面的人看。写之前请征得本人同意。',
    en: 'Personal: shown only while an alarm of fire or gas is open, to those who open its page. Ask the people before you write it down.',
  },
};
