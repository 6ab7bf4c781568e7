import { expect } from 'chai'
import { html } from '../../../src/channels/matrix/html.ts'

describe('A message of the room as HTML', () => {
  it('opens boldly, line by line', () => {
    expect(html('#7 OVERDUE, unconfirmed: Mo\nIn 10:00, due 11:00\nWrite: take 7')).to.equal(
      '<b>#7 OVERDUE, unconfirmed: Mo</b><br>In 10:00, due 11:00<br>Write: <code>take 7</code>',
    )
  })

  it('a single line needs no weight', () => expect(html('Joined at 10:00: Mo')).to.equal('Joined at 10:00: Mo'))

  it('an alarm opens boldly also in a single line', () =>
    expect(html('#7 CLOSED by Asha: home')).to.equal('<b>#7 CLOSED by Asha: home</b>'))

  it('what to write stands out, of one alarm and of many', () => {
    expect(html('#8 ROLL-CALL\n#7 Mo, due 11:00: take 7\nFor all of these, write: take 7-9, 12')).to.equal(
      '<b>#8 ROLL-CALL</b><br>#7 Mo, due 11:00: <code>take 7</code><br>For all of these, write: <code>take 7-9, 12</code>',
    )
    expect(html('From Mo, 11:00:\n> write: take 7')).to.not.include('<code>')
  })

  it('the number of an example is not rung by a tap', () =>
    expect(html('Write:\ninvite +447700900123 Mo')).to.equal('<b>Write:</b><br>invite +447700900123 Mo'))

  it('what somebody wrote is a quotation', () => {
    expect(html('From Mo, 10:00:\n> by the bridge\n> two of us\nWrite: take 7')).to.equal(
      '<b>From Mo, 10:00:</b><blockquote>by the bridge<br>two of us</blockquote>Write: <code>take 7</code>',
    )
  })

  it('nothing that anybody wrote is markup', () => {
    expect(html(`From <b>Mo</b> & "co":\n> <img src=x onerror='a'>`)).to.equal(
      '<b>From &lt;b&gt;Mo&lt;/b&gt; &amp; &quot;co&quot;:</b><blockquote>&lt;img src=x onerror=&#39;a&#39;&gt;</blockquote>',
    )
  })

  it('a number in a line of ours can be rung by a tap; one in a quotation cannot', () => {
    expect(html('Ring Mo: +447700900001')).to.equal('Ring Mo: <a href="tel:+447700900001">+447700900001</a>')
    expect(html('Words:\n> +447700900001')).to.not.include('tel:')
  })
})
