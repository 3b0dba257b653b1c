// Numbers that cannot be used as they are typed are told to their form; a decimal comma is no such thing.
import ui from '@nuxt/ui/vue-plugin'
import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'
import NumberBox from '../../../src/renderer/components/NumberBox.vue'
import { provideUnread } from '../../../src/renderer/components/unread.ts'
import { i18n } from '../../../src/renderer/i18n/index.ts'

test('a budget that cannot be read is told until it can, or until its box is gone', async () => {
  const [value, there] = [ref<number | null>(null), ref(true)]
  const form = defineComponent({
    setup() {
      const unread = provideUnread()
      const box = () => h(NumberBox, { modelValue: value.value, 'onUpdate:modelValue': (next: number | null) => (value.value = next), label: 'Cost at most', rule: { whole: false, min: 0, above: true, max: 1e9, optional: true }, testid: 'cost' })
      return () => h('form', [h('output', unread.value.join()), there.value ? box() : null])
    },
  })
  const page = mount(form, { global: { plugins: [ui, i18n] } })
  const type = async (text: string): Promise<string> => {
    await page.find('input').setValue(text)
    return page.find('output').text()
  }
  expect(await type('0.01 $')).toBe('Cost at most')
  expect(value.value).toBeNull()
  expect(await type('0,01')).toBe('')
  expect(value.value).toBe(0.01)
  expect(await type('0')).toBe('Cost at most')
  there.value = false
  await nextTick()
  expect(page.find('output').text()).toBe('')
})
