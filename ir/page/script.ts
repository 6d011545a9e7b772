// The page's script, as text: it runs in the reader's browser, not here. It puts data on the page through textContent only.

export const script = `
'use strict'
const data = JSON.parse(document.getElementById('data').textContent)
const $ = (selector, root = document) => root.querySelector(selector)
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]
const stages = $$('.stage'), tabs = $$('#stages button'), aside = $('aside'), search = $('#search'), found = $('#found')
let current = 0, zoom = 1, pinned = null, hits = [], hitAt = -1, mode = 'drawing'

const make = (tag, text, className) => {
  const element = document.createElement(tag)
  if (text !== undefined) element.textContent = text
  if (className) element.className = className
  return element
}
const canvas = () => $('.canvas', stages[current])

function describe(key, groupId) {
  aside.replaceChildren()
  const details = data.stages[current][key]
  if (details) {
    const head = make('h3')
    if (groupId !== undefined) head.append(chip(groupId))
    head.append(make('span', details.head, 'mono'))
    const doc = data.docs[details.op]
    aside.append(head, rows(doc ? [...details.rows, ['doc', doc]] : details.rows))
  }
  const group = data.groups[groupId]
  if (group) {
    if (details) aside.append(make('hr'))
    const head = make('h3')
    head.append(chip(groupId), document.createTextNode(group.head))
    aside.append(head, rows(group.rows))
  }
  if (!details && !group) aside.append(make('p', data.hint, 'hint'))
}
const chip = (id) => make('span', '#' + id, 'chip g g' + (id % data.colours))
function rows(list) {
  const dl = make('dl')
  for (const [label, text] of list) dl.append(make('dt', label), make('dd', text, 'mono'))
  return dl
}
const groupOf = (node) => (node && node.dataset.group !== undefined ? Number(node.dataset.group) : undefined)

function mark(node) {
  for (const other of $$('.on', stages[current])) other.classList.remove('on')
  if (!node) return
  node.classList.add('on')
  const key = CSS.escape(node.dataset.key)
  for (const edge of $$('.edge[data-from="' + key + '"],.edge[data-to="' + key + '"]', stages[current])) edge.classList.add('on')
}
function show(node) {
  mark(node)
  describe(node ? node.dataset.key : undefined, groupOf(node))
  const group = groupOf(node)
  for (const row of $$('tbody tr')) row.classList.toggle('on', group !== undefined && Number(row.dataset.group) === group)
}
function reveal(node) {
  pinned = node
  show(node)
  const box = canvas(), at = node.getBoundingClientRect(), view = box.getBoundingClientRect()
  box.scrollLeft += at.left + at.width / 2 - view.left - view.width / 2
  box.scrollTop += at.top + Math.min(at.height, view.height) / 2 - view.top - view.height / 2
}
function setZoom(value) {
  const box = canvas(), svg = box && $('svg', box)
  if (!svg) return
  const x = (box.scrollLeft + box.clientWidth / 2) / box.scrollWidth, y = (box.scrollTop + box.clientHeight / 2) / box.scrollHeight
  zoom = Math.min(4, Math.max(0.05, value))
  const [, , width, height] = svg.getAttribute('viewBox').split(' ').map(Number)
  svg.setAttribute('width', width * zoom)
  svg.setAttribute('height', height * zoom)
  box.scrollLeft = x * box.scrollWidth - box.clientWidth / 2
  box.scrollTop = y * box.scrollHeight - box.clientHeight / 2
  $('#zoom').textContent = Math.round(zoom * 100) + '%'
}
function fit() {
  const box = canvas(), svg = box && $('svg', box)
  if (svg) setZoom(Math.min(1.2, (box.clientWidth - 4) / svg.getAttribute('viewBox').split(' ')[2]))
}
function setMode(next) {
  mode = next
  for (const button of $$('#modes button')) button.setAttribute('aria-pressed', button.dataset.mode === mode)
  for (const stage of stages) {
    $('.draw', stage).hidden = mode !== 'drawing'
    $('.text', stage).hidden = mode !== 'text'
  }
}
function setStage(index) {
  current = index
  pinned = null
  stages.forEach((stage, i) => { stage.hidden = i !== index })
  tabs.forEach((tab, i) => tab.setAttribute('aria-selected', i === index))
  const svg = $('svg', stages[index]), box = canvas()
  // Readable first: wide drawings shrink to 60 % at most and scroll beyond that.
  if (svg) setZoom(Math.max(0.6, Math.min(1, (box.clientWidth - 4) / svg.getAttribute('viewBox').split(' ')[2])))
  if (svg) box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2
  show(null)
  find()
}
function find() {
  const words = search.value.trim().toLowerCase().split(/\\s+/).filter(Boolean)
  hits = []
  hitAt = -1
  for (const node of $$('.node', stages[current])) {
    const details = data.stages[current][node.dataset.key]
    const hit = words.length > 0 && details !== undefined && !/^(in|out)$/.test(node.classList[1]) && matches(details, words)
    node.classList.toggle('hit', hit)
    if (hit) hits.push(node)
  }
  stages[current].classList.toggle('searching', words.length > 0)
  found.textContent = words.length === 0 ? '' : hits.length === 0 ? 'nothing found' : hits.length + ' found'
}
const texts = new Map()
function matches(details, words) {
  if (!texts.has(details)) texts.set(details, [details.head, details.op, ...details.rows.map((row) => row[1])].join(' ').toLowerCase())
  return words.every((word) => texts.get(details).includes(word))
}
function nextHit(step) {
  if (hits.length === 0) return
  hitAt = (hitAt + step + hits.length) % hits.length
  found.textContent = hitAt + 1 + ' of ' + hits.length
  reveal(hits[hitAt])
}

tabs.forEach((tab, i) => tab.addEventListener('click', () => setStage(i)))
for (const button of $$('#modes button')) button.addEventListener('click', () => setMode(button.dataset.mode))
$('#in').addEventListener('click', () => setZoom(zoom * 1.25))
$('#out').addEventListener('click', () => setZoom(zoom / 1.25))
$('#fit').addEventListener('click', fit)
search.addEventListener('input', find)
search.addEventListener('keydown', (event) => { if (event.key === 'Enter') nextHit(event.shiftKey ? -1 : 1) })
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== search) { event.preventDefault(); search.focus() }
  if (event.key === 'Escape') { pinned = null; search.value = ''; find(); show(null) }
})
for (const stage of stages) {
  const box = $('.canvas', stage)
  if (!box) continue
  let drag = null, moved = false
  box.addEventListener('pointerover', (event) => { const node = event.target.closest('.node'); if (node && !pinned && !drag) show(node) })
  box.addEventListener('pointerout', () => { if (!pinned && !drag) show(null) })
  box.addEventListener('click', (event) => {
    if (moved) return
    const stub = event.target.closest('[data-go]')
    if (stub) return reveal($('.node[data-key="' + CSS.escape(stub.dataset.go) + '"]', stage))
    pinned = event.target.closest('.node')
    show(pinned)
  })
  box.addEventListener('pointerdown', (event) => {
    moved = false
    if (event.pointerType === 'mouse' && event.button === 0) drag = { x: event.clientX, y: event.clientY, left: box.scrollLeft, top: box.scrollTop }
  })
  window.addEventListener('pointermove', (event) => {
    if (!drag) return
    if (Math.abs(event.clientX - drag.x) + Math.abs(event.clientY - drag.y) > 4) moved = true
    if (!moved) return
    box.classList.add('drag')
    box.scrollLeft = drag.left - (event.clientX - drag.x)
    box.scrollTop = drag.top - (event.clientY - drag.y)
  })
  window.addEventListener('pointerup', () => { drag = null; box.classList.remove('drag') })
  box.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    setZoom(zoom * (event.deltaY < 0 ? 1.12 : 1 / 1.12))
  }, { passive: false })
}
for (const row of $$('tbody tr')) {
  const go = () => {
    setStage(stages.length - 1)
    setMode('drawing')
    const node = $$('.node', stages[current]).find((other) => other.dataset.group === row.dataset.group)
    if (node) { reveal(node); canvas().scrollIntoView({ block: 'nearest', behavior: 'smooth' }) }
    else describe(undefined, Number(row.dataset.group))
  }
  row.addEventListener('click', go)
  row.addEventListener('keydown', (event) => { if (event.key === 'Enter') go() })
}
setMode('drawing')
const asked = Number(location.hash.slice(1))
setStage(asked >= 1 && asked <= stages.length ? Math.floor(asked) - 1 : stages.length - 1)
`
