// Words of policies as ladders, and of what would happen.

export const policies = {
  title: { zh: '通知顺序', en: 'Policies' },
  none: {
    zh: '还没有写通知顺序：有警报时同时叫所有人。',
    en: 'None is written: everybody is asked at once.',
  },
  any_danger: { zh: '所有种类', en: 'Any kind' },
  any_place: { zh: '所有位置', en: 'anywhere' },
  everyone: { zh: '所有人', en: 'everybody' },
  on_call: { zh: '{roster}的值班人', en: 'whoever is on call ({roster})' },
  team: { zh: '{roster}的全体', en: 'all of {roster}' },
  residents: { zh: '{place}的住户', en: 'who lives at {place}' },
  nobody: { zh: '没有人', en: 'nobody' },
  musters: { zh: '同时通知：{who}', en: 'calls everybody of: {who}' },
  switches: { zh: '打开：{what}', en: 'switches on: {what}' },
  then_wait: { zh: '等 {span}，没人回答就下一步', en: 'then {span} for an answer' },
  again: { zh: '之后从第一步重新开始。', en: 'After the last step it begins again at the first.' },
  prompt: { zh: '没人回答', en: 'Nobody answers' },
  prompt_is: {
    zh: '所有步骤走完或 {after} 后，提醒所有人打 119，每 {every} 一次',
    en: 'after all steps, or {after}, all are told to call 119, every {every}',
  },
  arrive: { zh: '要在多久内到场', en: 'To be there within' },
  reminders: { zh: '还没结束时提醒', en: 'Reminders' },

  // Changing one
  add: { zh: '新的通知顺序', en: 'A new policy' },
  edit: { zh: '修改', en: 'Change' },
  name: { zh: '名称', en: 'Name' },
  for_dangers: { zh: '用于（不选就是所有）', en: 'For (any, where none is chosen)' },
  nth_step: { zh: '第 {count} 步', en: 'Step {count}' },
  whom: { zh: '叫谁', en: 'Whom' },
  one_more: { zh: '再加一个', en: 'One more' },
  wait: { zh: '等多久', en: 'Wait' },
  up: { zh: '上移', en: 'Up' },
  down: { zh: '下移', en: 'Down' },
  take_away: { zh: '去掉', en: 'Take away' },
  add_step: { zh: '加一步', en: 'One more step' },
  save: { zh: '保存', en: 'Save' },
  remove: { zh: '删除', en: 'Remove it' },
  really: { zh: '确定删除', en: 'Really remove it' },

  // What if
  what_if: { zh: '如果这时响起来，会怎样？', en: 'What would happen if this rang?' },
  what_if_what: {
    zh: '用真正处理警报的同一套程序算出来：假设没有人回答，什么也不会真的发出。',
    en: 'Worked out by the very code that will do it, as if nobody answered. Nothing is sent.',
  },
  danger: { zh: '种类', en: 'Kind' },
  place: { zh: '位置', en: 'Place' },
  at: { zh: '时间', en: 'When' },
  ask: { zh: '看看会怎样', en: 'See what happens' },
  no_policy: {
    zh: '没有对应的通知顺序：同时叫所有人。',
    en: 'No policy is for this: everybody is asked at once.',
  },
  policy_holds: { zh: '按「{name}」。', en: 'By “{name}”.' },
  nobody_told: { zh: '没有一个人会被通知！', en: 'Nobody at all would be told!' },
  step_asks: { zh: '第 {step} 步：叫 {names}', en: 'Step {step}: asks {names}' },
  step_nobody: { zh: '第 {step} 步：没有人可叫', en: 'Step {step}: nobody to ask' },
  message_to: {
    zh: '「{purpose}」发给 {name}（{channel}）',
    en: '“{purpose}” to {name} ({channel})',
  },
  rests: {
    zh: '大家都在休息，等到 {time}',
    en: 'Everybody has quiet hours: it waits until {time}',
  },
  switched: { zh: '打开 {name}', en: 'Switches on {name}' },
};
