import { clockFigures, formatsOf, roughTime, splitTime } from '../formats.ts'
import type { Texts } from '../texts.ts'

const { number, dateTime } = formatsOf('ko')

/** Counters follow their number without a space, which Hangul orthography (§43) allows after figures. */
function about(seconds: number): string {
  const rough = roughTime(seconds)
  switch (rough.kind) {
    case 'few-seconds':
      return '몇 초 정도'
    case 'under-a-minute':
      return '1분 미만'
    case 'minutes':
      return `약 ${rough.minutes}분`
    case 'hours':
      return rough.half ? `약 ${rough.hours}시간 30분` : `약 ${number(rough.hours)}시간`
  }
}

function spoken(time: number): string {
  const { days, hours, minutes, seconds } = splitTime(time)
  const parts = [
    { count: days * 24 + hours, unit: '시간' },
    { count: minutes, unit: '분' },
    { count: seconds, unit: '초' },
  ].filter(({ count }) => count > 0)
  return parts.length === 0 ? '0초' : parts.map(({ count, unit }) => `${number(count)}${unit}`).join(' ')
}

const perBuyer = (limit: number) => `1인당 최대 ${number(limit)}개`

const PUT_IN_LINE = '이 페이지를 열어 두시면 판매가 시작될 때 자동으로 대기열에 등록됩니다.'
const GOES_ON = '이 페이지를 열어 두시면 자동으로 계속됩니다.'
const RETRIES = '이 페이지를 열어 두시면 자동으로 다시 시도합니다.'
const NO_PLACE = '아직 대기 순번을 받지 못하셨습니다.'
const SALE_CLOSED = '그사이 판매가 마감되어 더 이상 대기열에 등록하실 수 없습니다.'
const LAST_TRY = '청구된 금액은 없습니다. 한 차례에 허용된 결제 시도를 모두 사용하여 구매 차례가 끝났습니다.'
const ORDER_LINK = '이미 주문하셨다면 주문 안내 메일의 링크에서 확인하실 수 있습니다.'
const OTHER_BROWSER = '주문하신 브라우저에서는 계속 주문을 확인하실 수 있습니다.'
const LOOK_AGAIN = '주소를 다시 확인하시거나 이전 페이지로 돌아가 주세요.'
const HELD = '원하시는 상품을 다른 구매자들이 모두 결제하고 있습니다. 결제가 완료되지 않으면 구매하실 수 있습니다.'
const MAIL_TELLS_MORE = '자세한 내용은 메일로 알려 드립니다.'
const CLOSE_PAGE = '이 페이지를 닫으셔도 됩니다.'
const NEED_SCRIPTS = '자바스크립트를 켠 다음 페이지를 새로고침해 주세요.'

/** Particles depend on the last letter before them, and a name may end in any: they follow this noun instead. */
const item = (name: string) => `“${name}” 상품`
const VOUCHER_STAYS_USED = ' 사용하신 쿠폰은 다시 사용하실 수 없습니다.'
const PAYMENT_COMES_BACK = '이후에 결제가 처리되더라도 전액 환불해 드립니다.'
const HOLD_LAPSED = '제시간에 결제가 완료되지 않아 선택하신 상품의 확보가 해제되었습니다.'
const LATE_PAYMENT =
  '이후에 결제가 처리되면 상품이 남아 있는 경우 주문을 확정해 드리고, 그렇지 않으면 전액 환불해 드립니다.'

export const texts: Texts = {
  language: 'ko',
  name: '한국어',
  direction: 'ltr',
  pages: {
    betweenSentences: ' ',
    documents: {
      loading: '잠시만 기다려 주세요…',
      late: '평소보다 오래 걸리고 있습니다. 페이지를 새로고침해 주세요. 그래도 열리지 않으면 다른 브라우저를 이용해 주세요.',
      saleNeedsScripts: `이 페이지는 기다리시는 동안 대기 순번을 유지하기 위해 자바스크립트를 사용합니다. ${NEED_SCRIPTS}`,
      orderNeedsScripts: `이 페이지는 메일의 링크로 주문을 불러오기 위해 자바스크립트를 사용합니다. ${NEED_SCRIPTS}`,
      fairness: '한 분께 순번이 하나씩 주어지며, 먼저 오신 순서대로 입장합니다.',
      order: '내 주문',
      noSuchSale: {
        title: '판매를 찾을 수 없습니다',
        heading: '해당 판매를 찾을 수 없습니다',
        nothingSold: ({ sale }) => `“${sale}” 주소에서 진행되는 판매가 없습니다.`,
        advice: LOOK_AGAIN,
      },
      noPage: { title: '페이지를 찾을 수 없습니다', heading: '페이지를 찾을 수 없습니다', advice: LOOK_AGAIN },
      notNow: {
        title: '지금은 이용하실 수 없습니다',
        heading: '지금은 이용하실 수 없습니다',
        advice: '잠시 후 페이지를 새로고침해 주세요.',
      },
      busy: {
        title: '잠시만 기다려 주세요',
        heading: '접속자가 매우 많습니다',
        advice: '따로 하실 일은 없습니다. 몇 초 뒤에 이 페이지가 자동으로 다시 열립니다.',
      },
    },
    screens: {
      looking: { title: '잠시만 기다려 주세요…', lines: ['이 판매의 대기 순번과 주문 내역을 확인하고 있습니다.'] },
      joining: { title: '대기열에 등록하고 있습니다…', lines: ['잠시만 기다려 주세요.'] },
      mayJoin: {
        title: '대기열에 등록되어 있지 않습니다',
        lines: ['구매를 원하시면 대기열에 등록해 주세요. 순번은 맨 뒤부터 시작합니다.', ORDER_LINK],
      },
      mayNotJoin: { title: '대기열에 등록되어 있지 않습니다', lines: [SALE_CLOSED, ORDER_LINK] },
      notOpen: {
        unknown: {
          title: '아직 판매 전입니다',
          lines: ['판매 시작 시각이 아직 정해지지 않았습니다.', PUT_IN_LINE],
        },
        soon: ({ at }) => ({ title: '곧 판매가 시작됩니다', lines: [`판매 시작: ${dateTime(at)}`, PUT_IN_LINE] }),
        anyMoment: '곧 시작됩니다',
      },
      paused: {
        title: '판매가 일시 중지되었습니다',
        lines: ['지금은 아무도 입장할 수 없습니다. 대기 순번은 그대로 유지됩니다.', GOES_ON],
      },
      recovering: {
        title: '잠시만 기다려 주세요',
        lines: ['대기열을 복구하고 있습니다. 대기 순번은 그대로 유지됩니다.', GOES_ON],
      },
      waiting: {
        title: '대기 중입니다',
        titleAfterAbsence: '다시 오신 것을 환영합니다. 대기 순번은 그대로입니다',
        etaUnknown: '예상 대기 시간을 아직 알 수 없습니다.',
        eta: ({ seconds }) => `예상 대기 시간은 ${about(seconds)}입니다.`,
        overtaken: '자리를 비웠던 대기자가 제때 돌아와 먼저 입장하므로 대기 순번이 뒤로 밀렸습니다.',
        heldByOthers:
          '지금은 다른 구매자들이 남은 상품을 모두 결제하고 있습니다. 결제되지 않은 상품은 다시 구매하실 수 있습니다.',
        soldOut: '모든 상품이 판매되었습니다. 취소분이 나오거나 상품이 추가되는 경우에만 구매하실 수 있습니다.',
        stay: '이 페이지를 열어 두세요. 기다리시는 동안 다른 창을 보셔도 됩니다.',
        absenceUnknown: '입장 차례에 자리를 비우셨다면 빨리 돌아와 주세요. 대기 순번은 잠시 동안 유지됩니다.',
        absenceLoses: '입장 차례에 자리를 비우시면 대기 순번이 사라집니다.',
        absenceKeeps: ({ seconds }) =>
          `입장 차례에 자리를 비우셔도 ${spoken(seconds)} 동안은 대기 순번이 유지됩니다. 그 뒤에는 사라집니다.`,
      },
      yourTurn: {
        title: '구매하실 차례입니다',
        saleClosed:
          '판매가 마감되어 다른 분은 더 이상 입장할 수 없습니다. 고객님은 남은 시간 동안 구매하실 수 있습니다.',
      },
      toShop: {
        asking: '이제 쇼핑몰에서 구매하실 수 있습니다. 이동할 준비를 하고 있습니다.',
        going: ({ shop }) => `이제 ${shop}에서 구매하실 수 있습니다. 곧 자동으로 이동합니다.`,
        byClick: ({ shop }) => `이제 ${shop}에서 구매하실 수 있습니다. 버튼을 눌러 이동해 주세요.`,
        goesIn: ({ seconds }) => `${spoken(seconds)} 후에 쇼핑몰로 이동합니다.`,
        sentBack: '조금 전에 쇼핑몰로 이동하셨습니다. 계속 이 페이지로 돌아온다면 쇼핑몰에 문의해 주세요.',
        failing: '지금은 쇼핑몰로 이동할 수 없습니다. 자동으로 계속 시도합니다.',
      },
      placing: {
        title: '상품을 확보하고 있습니다…',
        lines: ['이 페이지를 열어 두세요. 이중으로 결제되지 않습니다.'],
      },
      coreDown: {
        title: '주문 시스템이 응답하지 않습니다',
        orderSent:
          '주문을 보냈지만 아직 응답이 없습니다. 응답이 올 때까지 다시 확인하며, 주문이 중복으로 접수되지는 않습니다.',
        goodsMissing: '지금은 상품을 표시할 수 없습니다. 계속 다시 시도하고 있습니다.',
        nothingToDo: '따로 하실 일은 없습니다.',
        turnKept: '구매 차례는 유지됩니다. 따로 하실 일은 없습니다.',
      },
      noGoods: {
        title: '아직 선택하실 상품이 없습니다',
        lines: [
          '이 판매의 상품 목록이 아직 없습니다. 계속 확인하고 있으며, 목록이 준비되면 바로 여기에 표시됩니다.',
          '그동안에도 구매 가능 시간은 줄어듭니다. 이 페이지를 열어 두시거나, 구매하지 않고 나가셔도 됩니다.',
        ],
      },
      soldOut: {
        title: '품절되었습니다',
        lines: [
          '모든 상품이 판매되었습니다.',
          '구매 가능 시간 안에 상품이 추가되거나 취소분이 나오면 여기에서 선택하실 수 있습니다. 이 페이지를 열어 두시거나, 구매하지 않고 나가셔도 됩니다.',
        ],
      },
      heldByOthers: {
        orElse: {
          title: '지금은 남은 상품이 없습니다',
          lines: [HELD, '자동으로 계속 시도합니다. 이 페이지를 열어 두시거나 다른 상품을 선택해 주세요.'],
        },
        orLess: {
          title: '지금은 남은 상품이 없습니다',
          lines: [HELD, '자동으로 계속 시도합니다. 이 페이지를 열어 두시거나 주문을 변경해 주세요.'],
        },
      },
      paying: {
        free: { title: '상품이 확보되었습니다', lines: ['결제하실 금액이 없습니다. 주문을 확정하고 있습니다.'] },
        charged: { title: '상품이 확보되었습니다', lines: ['결제를 진행하고 있습니다. 보통 몇 초면 완료됩니다.'] },
        delayed: {
          title: '상품이 확보되었습니다',
          lines: [
            '지금은 결제 처리가 평소보다 오래 걸리고 있습니다. 상품은 그대로 확보되어 있으니 따로 하실 일은 없습니다.',
            '이 페이지를 닫으셔도 됩니다. 결제 결과는 메일로 알려 드립니다.',
          ],
        },
      },
      atBank: {
        before: {
          title: '은행에서 결제를 승인해 주세요',
          lines: [
            '카드사나 은행에서 본인 확인을 요청했습니다. 그동안 상품은 확보되어 있습니다.',
            '확인이 끝나면 이 페이지로 돌아옵니다.',
          ],
        },
        back: {
          title: '은행에 결제 결과를 확인하고 있습니다',
          lines: [
            '상품은 확보되어 있습니다. 보통 몇 초면 완료됩니다.',
            '본인 확인을 마치지 않으셨다면 은행 페이지를 다시 열어 주세요.',
          ],
        },
      },
      confirmed: {
        free: {
          title: '주문이 완료되었습니다',
          lines: ['결제하실 금액 없이 주문이 확정되었습니다. 확인 메일을 보내 드렸습니다.', CLOSE_PAGE],
        },
        charged: {
          title: '주문이 완료되었습니다',
          lines: ['결제가 완료되고 주문이 확정되었습니다. 확인 메일을 보내 드렸습니다.', CLOSE_PAGE],
        },
        late: {
          title: '주문이 확정되었습니다',
          lines: [
            '상품 확보 시간이 지난 뒤에 결제가 완료되었지만, 상품이 남아 있어 주문을 확정해 드렸습니다. 확인 메일을 보내 드렸습니다.',
            CLOSE_PAGE,
          ],
        },
      },
      refundedInPart: {
        free: { title: '주문의 일부가 취소되었습니다', lines: ['나머지 주문은 그대로 유지됩니다.'] },
        charged: {
          title: '주문의 일부를 환불해 드립니다',
          lines: ['나머지 주문은 그대로 유지됩니다.', '은행에 따라 환불이 확인되기까지 며칠이 걸릴 수 있습니다.'],
        },
      },
      declined: {
        alone: { title: '카드 결제가 거절되었습니다', lines: ['이 주문으로 청구된 금액은 없습니다.'] },
        turnKept: {
          title: '카드 결제가 거절되었습니다',
          lines: ['청구된 금액은 없습니다. 구매 차례는 유지되니 다른 카드로 결제해 주세요.'],
        },
        timeOver: {
          title: '카드 결제가 거절되었습니다',
          lines: ['청구된 금액은 없으며, 구매 가능 시간이 끝났습니다.'],
        },
        triesUsed: { title: '카드 결제가 거절되었습니다', lines: [LAST_TRY] },
        turnOver: { title: '카드 결제가 거절되었습니다', lines: ['청구된 금액은 없으며, 구매 차례가 끝났습니다.'] },
      },
      abandoned: {
        alone: { title: '주문이 처리되지 않았습니다', lines: ['이 주문으로 청구된 금액은 없습니다.'] },
        turnKept: {
          title: '주문이 처리되지 않았습니다',
          lines: ['청구된 금액은 없습니다. 구매 차례는 유지되니 다시 주문해 주세요.'],
        },
        timeOver: {
          title: '주문이 처리되지 않았습니다',
          lines: ['청구된 금액은 없으며, 구매 가능 시간이 끝났습니다.'],
        },
        triesUsed: { title: '주문이 처리되지 않았습니다', lines: [LAST_TRY] },
        turnOver: { title: '주문이 처리되지 않았습니다', lines: ['청구된 금액은 없으며, 구매 차례가 끝났습니다.'] },
      },
      holdLapsed: {
        withVoucher: { title: '상품 확보 시간이 지났습니다', lines: [HOLD_LAPSED, PAYMENT_COMES_BACK] },
        withoutVoucher: { title: '상품 확보 시간이 지났습니다', lines: [HOLD_LAPSED, LATE_PAYMENT] },
      },
      cancelled: { title: '주문이 취소되었습니다', lines: ['이 주문으로 청구되는 금액은 없습니다.'] },
      cancelledByShop: {
        free: { title: '판매자가 주문을 취소했습니다', lines: ['결제하신 금액은 없습니다.', MAIL_TELLS_MORE] },
        charged: {
          title: '판매자가 주문을 취소했습니다',
          lines: ['이미 결제하셨다면 환불해 드립니다.', MAIL_TELLS_MORE],
        },
      },
      refundPending: {
        late: {
          title: '환불을 진행하고 있습니다',
          lines: [
            '주문이 이미 종료된 뒤에 결제가 완료되었습니다.',
            '따로 하실 일은 없습니다. 환불이 완료되면 메일로 알려 드립니다.',
          ],
        },
        paid: {
          title: '환불을 진행하고 있습니다',
          lines: [
            '결제가 완료된 주문이 취소되었습니다.',
            '따로 하실 일은 없습니다. 환불이 완료되면 메일로 알려 드립니다.',
          ],
        },
      },
      refunded: {
        free: { title: '주문이 취소되었습니다', lines: ['결제하신 금액이 없어 환불해 드릴 금액도 없습니다.'] },
        charged: {
          title: '환불이 완료되었습니다',
          lines: ['결제하신 금액을 모두 환불해 드렸습니다.', '은행에 따라 확인되기까지 며칠이 걸릴 수 있습니다.'],
        },
      },
      admissionExpired: { title: '구매 가능 시간이 끝났습니다', lines: [] },
      left: {
        title: '대기열에서 나오셨습니다',
        lines: ['직접 나가셨거나, 입장 차례에 너무 오래 자리를 비우셨습니다.'],
      },
      finished: {
        title: '이미 입장하셨던 판매입니다',
        lines: ['구매 차례가 끝났습니다. 다른 창에서 이용하셨을 수 있습니다. 구매하셨다면 메일로 알려 드립니다.'],
      },
      finishedAtShop: {
        title: '이미 입장하셨던 판매입니다',
        lines: ['구매 차례가 끝났습니다. 구매하셨다면 쇼핑몰에서 주문을 확인하실 수 있습니다.'],
      },
      turnOver: {
        triesUsed: {
          title: '결제를 더 시도하실 수 없습니다',
          lines: ['모든 카드 결제가 거절되었으며 청구된 금액은 없습니다. 구매 차례가 끝났습니다.'],
        },
        givenBack: { title: '구매하지 않고 나가셨습니다', lines: ['주문된 상품은 없습니다.'] },
      },
      mayJoinAgain: '대기열에 다시 등록하실 수 있으며, 순번은 맨 뒤부터 시작합니다.',
      saleClosedMeanwhile: SALE_CLOSED,
      closed: {
        title: '판매가 마감되었습니다',
        lines: [
          '더 이상 입장하실 수 없습니다.',
          '기다려 주셔서 감사합니다. 이 페이지를 닫으셔도 됩니다. 판매가 다시 시작되면 자동으로 계속됩니다.',
        ],
      },
      orderRejected: {
        'link-expired': {
          title: '링크가 만료되었습니다',
          lines: [
            '메일의 링크는 정해진 기간에만 이용하실 수 있습니다. 이 주문에 관한 더 최근 메일의 링크를 이용해 주세요.',
            OTHER_BROWSER,
          ],
        },
        'link-invalid': {
          title: '링크가 올바르지 않습니다',
          lines: [
            '링크가 잘렸거나 판매자가 인증 키를 변경했습니다. 메일에서 전체 링크를 다시 열어 주세요.',
            OTHER_BROWSER,
          ],
        },
        gone: {
          title: '보관 기간이 지난 주문입니다',
          lines: ['주문 내역은 판매가 끝나고 일정 기간이 지나면 삭제됩니다.', '받으신 메일은 그대로 남아 있습니다.'],
        },
        nobody: {
          title: '여기에서는 주문을 표시할 수 없습니다',
          lines: ['주문 안내 메일의 링크를 여시거나, 주문하신 브라우저를 이용해 주세요.'],
        },
      },
    },
    joinRejections: {
      lineFull: {
        title: '대기열이 가득 찼습니다',
        lines: [`대기할 수 있는 인원이 모두 찼습니다. ${NO_PLACE}`, RETRIES],
      },
      tooManyRequests: {
        title: '같은 네트워크의 접속자가 너무 많습니다',
        lines: [`지금 같은 네트워크에서 많은 분이 등록하고 있습니다. ${NO_PLACE}`, RETRIES],
      },
      originRejected: {
        title: '여기에서는 등록하실 수 없습니다',
        lines: ['이 주소에서는 대기열에 등록할 수 없습니다.', '판매자의 공식 사이트에서 판매 페이지를 열어 주세요.'],
      },
      notFound: {
        title: '판매를 찾을 수 없습니다',
        lines: ['없는 판매이거나 이미 종료된 판매입니다.'],
      },
      busy: {
        title: '지금은 등록하실 수 없습니다',
        lines: [`접속자가 너무 많아 대기열에 등록하지 못했습니다. ${NO_PLACE}`, RETRIES],
      },
      identityRequired: {
        title: '먼저 판매자 사이트에서 로그인해 주세요',
        lines: [
          '로그인한 고객만 참여하실 수 있는 판매입니다.',
          '판매자 사이트에서 로그인하신 뒤 그곳에서 다시 대기열로 들어와 주세요.',
        ],
      },
      identityInvalid: {
        title: '판매자 사이트에서 다시 로그인해 주세요',
        lines: [
          '로그인 유효 시간이 지났거나 로그인 정보를 확인할 수 없습니다.',
          '판매자 사이트에서 로그인하신 뒤 그곳에서 다시 대기열로 들어와 주세요.',
        ],
      },
      identityRevoked: {
        title: '이 판매에 참여하실 수 없습니다',
        lines: [
          '판매자가 회원님의 계정 또는 이번 로그인의 참여를 제한했습니다.',
          '착오라고 생각되시면 판매자에게 문의해 주세요.',
        ],
      },
      unknown: ({ reason }) => ({
        title: '대기열에 등록하지 못했습니다',
        lines: [`${reason}.`, '다시 시도하시거나 페이지를 새로고침해 주세요.'],
      }),
    },
    checkout: {
      timeLeft: ({ clock }) => `구매 가능 시간 ${clock} 남음`,
      fetching: '상품을 불러오고 있습니다…',
      goods: '상품을 선택해 주세요',
      fewer: ({ name }) => `${item(name)} 수량 줄이기`,
      more: ({ name }) => `${item(name)} 수량 늘리기`,
      insteadOf: '정가',
      email: '이메일',
      emailHint: '주문 확인 메일을 보내는 데에만 사용합니다.',
      payment: '결제 수단',
      worksMethod: { label: '승인되는 카드', hint: '모의 결제이며 실제로 청구되지 않습니다.' },
      declinedMethod: { label: '거절되는 카드', hint: '모의 결제이며 결제가 거절되는 경우를 확인하실 수 있습니다.' },
      bankMethod: { label: '본인 확인이 필요한 카드', hint: '모의 결제이며 은행 페이지에서 확인한 뒤 돌아옵니다.' },
      payThere: '주문 후 결제 대행사의 결제 페이지로 이동해 결제합니다.',
      buy: '구매하기',
      buyFor: ({ price }) => `${price} 구매하기`,
      orderForFree: '무료로 주문하기',
      voucher: {
        legend: '쿠폰',
        none: '쿠폰을 사용하지 않음',
        amount: ({ name, price }) => `${name}: ${price} 할인`,
        percent: ({ name, value }) => `${name}: ${number(value)}% 할인`,
        capped: ({ name, value, price }) => `${name}: ${number(value)}% 할인 (최대 ${price})`,
        minimum: ({ price }) => `${price} 이상 주문하실 때 사용하실 수 있습니다.`,
        gone: '모두 소진되었습니다.',
        claiming: '쿠폰을 받는 중입니다…',
        yours: '쿠폰을 받으셨습니다.',
        belowMinimum: ({ price }) => `이 쿠폰은 ${price} 이상 주문하실 때 사용하실 수 있습니다.`,
      },
      earlierOrder: ({ number: orderNumber }) => `내 주문 ${orderNumber}`,
      free: '무료',
      soldOut: '품절',
      allTaken: ({ limit }) => `지금은 모두 결제 중이며 취소분이 나올 수 있음, ${perBuyer(limit)}`,
      few: ({ count, limit }) => `${number(count)}개 남음, ${perBuyer(limit)}`,
      available: ({ limit }) => `구매 가능, ${perBuyer(limit)}`,
      shortage: ({ name, count }) => `${item(name)}은 지금 ${number(count)}개만 남아 있습니다.`,
      chooseSomething: '상품을 하나 이상 선택해 주세요.',
      wholeNumber: ({ name }) =>
        `${item(name)}의 수량을 1, 2 등의 정수로 입력해 주세요. 구매하지 않으시려면 0을 입력해 주세요.`,
      atMostItems: ({ max }) => `상품은 최대 ${number(max)}종까지 선택하실 수 있습니다.`,
      atMostOf: ({ name, limit }) => `${item(name)}은 ${perBuyer(limit)}까지 구매하실 수 있습니다.`,
      emailProblems: {
        'no-at': '이메일 주소를 모두 입력해 주세요. 예: name@example.com',
        'local-part': '이메일 주소를 다시 확인해 주세요. @ 앞에 사용할 수 없는 공백, 문자 또는 마침표가 있습니다.',
        'local-not-ascii':
          '이 주소로는 메일을 보낼 수 없습니다. @ 앞에는 영문자, 숫자와 일부 기호만 사용할 수 있습니다.',
        domain: '이메일 주소를 다시 확인해 주세요. @ 뒤의 주소가 완전하지 않거나 올바르지 않습니다.',
        'too-long': '이메일 주소가 너무 깁니다. 다른 주소를 입력해 주세요.',
      },
      changes: {
        heading: '변경된 내용이 있습니다.',
        over: '변경되었던 내용이 원래대로 돌아왔습니다.',
        advice: '아직 주문되지 않았습니다. 이대로 구매하시려면 버튼을 다시 눌러 주세요.',
        freeNow: ({ name }) => `${item(name)}이 무료로 변경되었습니다.`,
        notFree: ({ name, price }) => `${item(name)}은 더 이상 무료가 아닙니다. 가격은 ${price}입니다.`,
        price: ({ name, price, was }) => `${item(name)}의 가격이 변경되었습니다. 변경 전 ${was}, 변경 후 ${price}`,
        name: ({ name, was }) => `상품 이름이 변경되었습니다. 변경 전 “${was}”, 변경 후 “${name}”`,
        limit: ({ name, limit }) => `${item(name)}은 이제 ${perBuyer(limit)}까지 구매하실 수 있습니다.`,
        soldOut: ({ name }) => `${item(name)}이 품절되어 주문에서 제외되었습니다.`,
        back: ({ name }) => `${item(name)}을 다시 구매하실 수 있습니다.`,
        added: ({ name }) => `${item(name)}이 새로 추가되었습니다.`,
        removed: ({ name }) => `${item(name)}의 판매가 종료되어 주문에서 제외되었습니다.`,
        backNotInOrder: ({ name }) => `${item(name)}을 다시 구매하실 수 있지만 주문에는 포함되어 있지 않습니다.`,
      },
    },
    rejections: {
      overLimit: {
        all: '1인당 구매 한도를 초과했습니다. 수량을 줄여 주세요.',
        of: ({ name }) => `${item(name)}의 1인당 구매 한도를 초과했습니다. 수량을 줄여 주세요.`,
        already: ({ name }) => `${item(name)}은 이미 1인당 구매 한도까지 구매하셨습니다.`,
        together: ({ name, limit }) =>
          `이미 구매하신 수량을 더하면 ${item(name)}의 1인당 구매 한도(${number(limit)}개)를 초과합니다. 수량을 줄이시거나 주문에서 빼 주세요.`,
      },
      priceChanged: '가격이 변경되어 아직 주문되지 않았습니다.',
      buyAgain: '이 가격에 구매하시려면 버튼을 다시 눌러 주세요.',
      freeNow: ({ name }) => `${item(name)}은 이제 무료입니다.`,
      costsNow: ({ name, price }) => `${item(name)}의 현재 가격은 ${price}입니다.`,
      soldOut: ({ name }) => `${item(name)}이 품절되었습니다.`,
      heldByOthers: ({ name }) => `남은 ${item(name)}을 다른 구매자들이 모두 결제하고 있습니다.`,
      onlyLeft: ({ name, count }) => `${item(name)}은 ${number(count)}개만 남아 있습니다.`,
      chooseAgain: '주문되지 않았습니다. 다시 선택해 주세요.',
      unknownItem: '선택하신 상품 중 판매가 종료된 상품이 있어 주문되지 않았습니다. 다시 선택해 주세요.',
      abandoned: '제시간에 주문을 처리하지 못했으며 청구된 금액은 없습니다. 구매 차례는 유지되니 다시 구매해 주세요.',
      changedAfterSending: '전송된 뒤에 변경된 주문입니다. 다시 구매해 주세요.',
      notFreeAnyMore: '더 이상 무료 주문이 아닙니다. 가격을 다시 확인하시고 결제 수단을 선택해 주세요.',
      email: '이 이메일 주소로는 메일을 보낼 수 없습니다. 주소를 다시 확인해 주세요.',
      notUnderstood: '주문을 처리할 수 없습니다. 입력하신 내용을 확인하신 다음 다시 시도해 주세요.',
      notStored:
        '주문 내용을 저장할 수 없어 주문되지 않았으며 청구된 금액은 없습니다. 같은 내용으로는 다시 보내셔도 처리되지 않으니, 내용을 변경하시거나 판매자에게 알려 주세요.',
      passNotTaken:
        '판매자 시스템이 구매 차례를 확인하지 못해 주문되지 않았습니다. 고객님의 잘못이 아닙니다. 1분 뒤에 다시 시도하시거나 판매자에게 알려 주세요.',
      clocksApart:
        '구매 가능 시간이 남아 있지만 판매자 시스템의 시계가 서로 맞지 않아 주문되지 않았습니다. 다시 시도하시거나 판매자에게 알려 주세요.',
      unknown: ({ reason }) => `주문되지 않았습니다. ${reason}.`,
      unknownMayRepeat: ({ reason }) => `주문되지 않았습니다. ${reason}. 다시 시도해 주세요.`,
      noReason: ({ status }) => `서버 응답 코드는 ${status}입니다`,
    },
    line: {
      progress: '대기열 진행 상황',
      position: '대기 순번',
      leave: {
        label: '대기열에서 나가기',
        question: '대기열에서 나가시겠습니까? 대기 순번이 바로 사라집니다.',
        yes: '나가기',
      },
    },
    acts: {
      join: '대기열에 등록하기',
      joinAgain: '대기열에 다시 등록하기',
      tryNow: '지금 다시 시도하기',
      tryAgain: '다시 시도하기',
      signIn: '판매자 사이트로 가기',
      toSale: '판매 페이지로 가기',
      toShop: '쇼핑몰로 이동하기',
      toBank: '은행 페이지로 이동하기',
      stayHere: '이 페이지에 머물기',
      chooseElse: '다른 상품 선택하기',
      changeOrder: '주문 변경하기',
      anotherCard: '다른 카드로 결제하기',
      orderAgain: '다시 주문하기',
      stay: '돌아가기',
      giveTurnBack: {
        label: '구매하지 않고 나가기',
        question: '구매하지 않고 나가시겠습니까? 다음 대기자가 바로 입장합니다.',
        yes: '나가기',
      },
      cancelOrder: {
        label: '주문 취소하기',
        question: '주문을 취소하시겠습니까? 선택하신 상품의 확보가 해제되고 구매 차례가 끝납니다.',
        yes: '주문 취소',
      },
      cancelPaidOrder: ({ price, withVoucher }) => ({
        label: '주문 취소하기',
        question: `주문을 취소하시겠습니까? 상품은 다시 판매됩니다. 환불 금액: ${price}.${withVoucher ? VOUCHER_STAYS_USED : ''}`,
        yes: '주문 취소',
      }),
      cancelFreeOrder: ({ withVoucher }) => ({
        label: '주문 취소하기',
        question: `주문을 취소하시겠습니까? 상품은 다시 판매됩니다.${withVoucher ? VOUCHER_STAYS_USED : ''}`,
        yes: '주문 취소',
      }),
      keepOrder: '주문 유지하기',
    },
    order: {
      voucher: '쿠폰 할인',
      total: '합계',
      refundMade: '환불 완료',
      refundOnItsWay: '환불 진행 중',
      cancellableFor: ({ clock }) => `주문 취소 가능 시간 ${clock} 남음`,
      cancelling: '주문을 취소하는 중입니다…',
      notCancellable: '이제 이 주문을 취소하실 수 없습니다.',
      item: ({ quantity, name }) => `${name} × ${number(quantity)}개`,
      number: ({ number: orderNumber }) => `주문 번호 ${orderNumber}`,
      keptFor: ({ clock }) => `상품 확보 시간 ${clock} 남음`,
      timeLeft: ({ clock }) => `${clock} 남음`,
      turnLeft: ({ clock }) => `구매 가능 시간 ${clock} 남음`,
    },
    reminder: {
      label: '이메일로 알림 받기',
      hint: '판매 시작 직전에 메일을 한 번 보내 드립니다. 주소는 알림에만 사용하고 이후 삭제합니다.',
      ask: '알림 신청',
      noted: '판매 시작 직전에 메일을 보내 드리겠습니다.',
      unreachable: '쇼핑몰에 연결할 수 없어 알림이 신청되지 않았습니다. 다시 시도해 주세요.',
      rejected: ({ reason }) => `알림이 신청되지 않았습니다. 사유: ${reason}.`,
      stopped: '이 주소로는 더 이상 알림을 보내지 않습니다.',
      notStopped: '링크가 올바르지 않아 알림이 해지되지 않았습니다. 메일에 있는 링크를 그대로 사용해 주세요.',
    },
    moreTime: {
      warning: ({ clock }) => `구매 가능 시간이 ${clock} 후에 끝납니다.`,
      ask: '시간 연장하기',
      asking: '시간 연장을 요청하고 있습니다…',
      given: ({ seconds, remaining }) =>
        remaining === 0
          ? `${seconds}초 연장되었습니다. 이제 더는 연장하실 수 없습니다.`
          : `${seconds}초 연장되었습니다. ${remaining}번 더 연장하실 수 있습니다.`,
      rejected: '구매 가능 시간을 더 연장하실 수 없습니다.',
      rejectedByOrder: '이번 차례에 이미 주문하셨으므로 시간을 연장하실 수 없습니다.',
    },
    announcements: {
      connectedAgain: '다시 연결되었습니다.',
      position: ({ position, etaSeconds }) =>
        etaSeconds === null
          ? `대기 순번 ${number(position)}번.`
          : `대기 순번 ${number(position)}번, 예상 대기 시간 ${about(etaSeconds)}.`,
      timeLeft: ({ seconds }) => `구매 가능 시간이 ${spoken(seconds)} 남았습니다.`,
      timeLeftAndMore: ({ seconds }) => `구매 가능 시간이 ${spoken(seconds)} 남았습니다. 시간을 연장하실 수 있습니다.`,
      toShop: ({ shop, seconds }) =>
        `구매하실 차례입니다. ${shop}에서 구매하실 수 있으며, ${spoken(seconds)} 후에 이동합니다.`,
    },
    connectionLost: {
      placeKept: '연결이 끊어졌습니다. 대기 순번은 유지되며, 다시 연결을 시도하고 있습니다.',
      trying: '연결이 끊어졌습니다. 다시 연결을 시도하고 있습니다.',
    },
    windowTitle: {
      position: ({ position, sale }) => `대기 ${number(position)}번 · ${sale}`,
      screen: ({ title, sale }) => `${title} · ${sale}`,
    },
    promises: {
      kept: '이 페이지를 새로고침하셔도 대기 순번이 유지됩니다.',
      inTab: '새로고침하셔도 되지만 이 탭을 닫으시면 대기 순번이 사라집니다.',
      none: '이 페이지를 새로고침하거나 닫으시면 대기 순번이 사라집니다.',
    },
    warnings: {
      onlyInTab:
        '브라우저가 이 페이지의 쿠키를 저장하지 않습니다. 대기 순번은 이 탭에서만 유지되므로 탭을 닫지 마세요.',
      onlyWhileOpen:
        '브라우저가 이 페이지의 쿠키를 저장하지 않습니다. 새로고침하거나 닫으시면 대기 순번이 사라지므로 페이지를 열어 두세요.',
      notEncrypted:
        '암호화되지 않은 연결로 열린 페이지입니다. 입력하신 내용을 같은 네트워크의 다른 사람이 볼 수 있습니다.',
    },
    inbox: {
      title: '주문 알림',
      unread: ({ count }) => `주문 알림: 새 알림 ${number(count)}개`,
      about: ({ sale, number: order, at }) => `${sale}, 주문 번호 ${order}, ${dateTime(at)}`,
    },
    trouble: {
      what: '페이지에 문제가 발생했습니다. 하시려던 작업이 완료되지 않았다면 페이지를 새로고침해 주세요.',
      reload: '페이지 새로고침',
      close: '닫기',
    },
    clock: ({ seconds }) => {
      const { days } = splitTime(seconds)
      return days === 0 ? clockFigures(seconds) : `${number(days)}일 ${clockFigures(seconds)}`
    },
    figure: ({ value }) => number(value),
  },
  mails: {
    occasions: {
      confirmed: {
        subject: ({ number, sale }) => `주문이 확정되었습니다 (주문 번호 ${number}, ${sale})`,
        heading: '주문이 확정되었습니다',
        opening: ({ free }) =>
          free
            ? '주문해 주셔서 감사합니다. 결제하실 금액은 없습니다.'
            : '주문해 주셔서 감사합니다. 결제가 정상적으로 완료되었습니다.',
        totalLabel: '결제 금액',
      },
      'confirmed-late': {
        subject: ({ number, sale }) => `결제가 확인되어 주문이 확정되었습니다 (주문 번호 ${number}, ${sale})`,
        heading: '결제가 확인되어 주문이 확정되었습니다',
        opening: () =>
          '주문 시간이 만료된 뒤에 결제가 완료되었지만, 상품이 남아 있어 주문을 확정해 드렸습니다. 주문해 주셔서 감사합니다.',
        totalLabel: '결제 금액',
      },
      declined: {
        subject: ({ number, sale }) => `결제가 승인되지 않았습니다 (주문 번호 ${number}, ${sale})`,
        heading: '결제가 승인되지 않았습니다',
        opening: () =>
          '결제가 승인되지 않아 주문이 취소되었으며, 청구된 금액은 없습니다. 구매 차례가 끝나기 전이라면 판매 페이지에서 다른 카드로 다시 결제하실 수 있습니다.',
        totalLabel: '주문 금액',
      },
      'declined-final': {
        subject: ({ number, sale }) => `결제가 승인되지 않았습니다 (주문 번호 ${number}, ${sale})`,
        heading: '결제가 승인되지 않았습니다',
        opening: () =>
          '결제가 승인되지 않아 주문이 취소되었으며, 청구된 금액은 없습니다. 이번 구매 차례는 끝났습니다. 대기열에 다시 등록하실 수 있는지는 판매 페이지에서 확인해 주세요.',
        totalLabel: '주문 금액',
      },
      expired: {
        subject: ({ number, sale }) => `주문 시간이 만료되었습니다 (주문 번호 ${number}, ${sale})`,
        heading: '주문 시간이 만료되었습니다',
        opening: ({ free, withVoucher }) =>
          `정해진 시간 안에 주문이 완료되지 않아 상품 예약이 해제되었습니다.${free ? '' : ` ${withVoucher ? PAYMENT_COMES_BACK : LATE_PAYMENT}`}`,
        totalLabel: '주문 금액',
      },
      'cancelled-by-buyer': {
        subject: ({ number, sale }) => `주문을 취소하셨습니다 (주문 번호 ${number}, ${sale})`,
        heading: '주문을 취소하셨습니다',
        opening: ({ free }) => `요청하신 대로 주문이 취소되었습니다.${free ? '' : ` ${PAYMENT_COMES_BACK}`}`,
        totalLabel: '주문 금액',
      },
      'cancelled-by-operator': {
        subject: ({ number, sale }) => `주문이 취소되었습니다 (주문 번호 ${number}, ${sale})`,
        heading: '주문이 취소되었습니다',
        opening: ({ free }) =>
          `죄송합니다. 판매자 사정으로 주문이 취소되었습니다.${free ? '' : ` ${PAYMENT_COMES_BACK}`}`,
        totalLabel: '주문 금액',
      },
      refunded: {
        subject: ({ number, sale }) => `환불이 처리되었습니다 (주문 번호 ${number}, ${sale})`,
        heading: '환불이 처리되었습니다',
        opening: () =>
          '결제하신 카드나 계좌로 환불해 드렸습니다. 은행에 따라 내역에 표시되기까지 며칠이 걸릴 수 있습니다.',
        totalLabel: '환불 금액',
      },
    },
    reminder: {
      subject: ({ sale }) => `${sale} 판매가 곧 시작됩니다`,
      heading: '곧 판매가 시작됩니다',
      opening: ({ at }) =>
        `판매 시작: ${dateTime(at, 'UTC')}. 그 전에 판매 페이지를 열어 두시면 자동으로 대기열에 등록됩니다.`,
      toPage: '판매 페이지로 이동',
      why: '판매 페이지에서 이 주소로 알림을 신청하셔서 보내 드리는 메일입니다. 알림은 한 번만 발송됩니다.',
      stop: '이 주소로 더 이상 알림 받지 않기',
    },
    itemColumn: '상품',
    amountColumn: '금액',
    quantityOf: ({ quantity, price }) => `${price} × ${quantity}개`,
    free: '무료',
    freeTotalLabel: '주문 금액',
    discountLabel: '쿠폰 할인',
    orderNumber: ({ number }) => `주문 번호 ${number}`,
    placedAt: ({ at }) => `주문 일시: ${dateTime(at, 'UTC')}`,
    viewOrder: '주문 보기',
    linkValidity: ({ until }) =>
      `링크 유효 기한: ${dateTime(until, 'UTC')}. 로그인하지 않아도 열 수 있습니다. 링크를 가진 사람은 누구나 이 주문을 볼 수 있으니 다른 사람에게 전달하지 마시기 바랍니다.`,
    whyThisMail: ({ sale, order }) =>
      `다음 판매의 주문에 이 이메일 주소가 입력되어 안내 메일을 보내 드립니다: ${sale} (주문 ID: ${order})`,
  },
  problems: {
    'invalid-request': '요청이 올바르지 않습니다',
    'webhook-refused': '결제 대행사가 서명한 웹훅이 아닙니다',
    'key-missing': 'Idempotency-Key 헤더가 필요합니다',
    unauthorized: '운영자 토큰이 없거나 올바르지 않습니다',
    'ticket-missing': '대기표가 필요합니다',
    'ticket-invalid': '대기표가 유효하지 않습니다',
    'identity-required': '판매자가 발급한 로그인 토큰이 필요합니다',
    'identity-invalid': '로그인 토큰이 유효하지 않습니다',
    'identity-revoked': '이용이 제한된 계정 또는 로그인 토큰입니다',
    'admission-missing': '입장권이 필요합니다',
    'admission-invalid': '입장권이 유효하지 않습니다',
    'admission-expired': '입장권의 유효 시간이 지났습니다',
    'admission-revoked': '반납된 입장권입니다',
    'link-invalid': '주문 링크가 유효하지 않습니다',
    'link-expired': '주문 링크의 유효 기한이 지났습니다',
    'link-forbidden': '다른 주문의 링크입니다',
    'role-too-low': '이 운영자 토큰의 권한이 부족합니다',
    'origin-refused': '이 출처에서는 연결할 수 없습니다',
    'not-found': '요청하신 항목을 찾을 수 없습니다',
    'method-not-allowed': '이 주소에서 지원하지 않는 메서드입니다',
    'wrong-state': '현재 판매 상태에서는 할 수 없는 작업입니다',
    'time-past': '이미 지난 시각입니다',
    'revocations-full': '이용 제한 항목이 너무 많습니다',
    'tokens-full': '운영자 토큰이 너무 많습니다',
    'version-conflict': '그사이에 판매 정보가 변경되었습니다',
    'line-gone': '이 판매의 대기열이 더 이상 없습니다',
    'no-turn': '진행 중인 구매 차례가 없습니다',
    'no-return': '돌아갈 쇼핑몰이 없습니다',
    'turn-has-order': '이번 차례에 이미 주문하셨습니다',
    'extensions-used': '구매 가능 시간을 더 연장할 수 없습니다',
    'extensions-off': '이 판매에서는 구매 가능 시간을 연장할 수 없습니다',
    'reminder-late': '이미 판매가 시작되었습니다',
    'reminders-full': '이 판매의 알림 신청이 마감되었습니다',
    'sale-not-open': '판매가 아직 시작되지 않았습니다',
    'sold-out': '재고가 부족합니다',
    'over-limit': '1인당 구매 한도를 초과합니다',
    'vouchers-gone': '준비된 쿠폰이 모두 소진되었습니다',
    'voucher-not-valid': '지금은 사용할 수 없는 쿠폰입니다',
    'voucher-used': '다른 주문에 적용된 쿠폰입니다',
    'voucher-terms-fixed': '이미 발급된 쿠폰의 조건은 변경할 수 없습니다',
    'total-below-issued': '총수량이 발급된 쿠폰 수보다 적습니다',
    'campaigns-full': '이 판매에는 쿠폰을 더 만들 수 없습니다',
    'order-exists': '이 입장권으로 이미 주문하셨습니다',
    'order-abandoned': '주문이 완료되지 않았으며, 청구된 금액은 없습니다',
    'too-many-declined': '이 입장권으로 시도한 결제가 너무 많이 거절되었습니다',
    'order-not-cancellable': '더 이상 취소할 수 없는 주문입니다',
    'order-not-refundable': '다시 진행할 환불이 없는 주문입니다',
    'refund-not-rejected': '운영자의 처리를 기다리는 환불이 아닙니다',
    'refund-too-large': '환불할 수 있는 수량을 초과했습니다',
    'mail-sent': '메일 서버에 이미 전달된 메일입니다',
    'webhook-not-dead': '전송이 중단된 웹훅이 아닙니다',
    'endpoint-gone': '이 웹훅의 수신 주소가 설정에 없습니다',
    'order-parked': '현재 상태로는 주문을 진행할 수 없습니다',
    'total-below-sold': '총수량이 예약되거나 판매된 수량보다 적습니다',
    'catalogue-conflict': '상품 목록을 그렇게 변경할 수 없습니다',
    'catalogue-changed': '그사이에 상품 목록이 변경되었습니다',
    'campaign-changed': '그사이에 쿠폰 캠페인이 변경되었습니다',
    'sale-closed': '판매가 종료되었습니다',
    'order-gone': '더 이상 보관되지 않는 주문입니다',
    'too-large': '요청 본문이 너무 큽니다',
    'wrong-media-type': '요청 본문은 application/json 형식이어야 합니다',
    'unknown-sku': '상품 목록에 없는 상품이 있습니다',
    'voucher-unknown': '보유하지 않은 쿠폰입니다',
    'voucher-minimum': '주문 금액이 쿠폰의 최소 주문 금액보다 적습니다',
    'price-changed': '현재 가격과 다른 가격이 있습니다',
    'key-reused': '다른 요청에 사용된 Idempotency-Key입니다',
    'upgrade-required': 'WebSocket 연결만 가능한 주소입니다',
    'request-timeout': '요청을 받는 데 시간이 너무 오래 걸렸습니다',
    'too-many-requests': '요청이 너무 많습니다',
    'too-many-sockets': '소켓 연결이 너무 많습니다',
    'headers-too-large': '요청 헤더가 너무 큽니다',
    internal: '서버에 문제가 발생했습니다',
    'line-full': '대기열이 가득 찼습니다',
    busy: '현재 요청이 많아 처리할 수 없습니다',
    unavailable: '필요한 서비스를 일시적으로 이용할 수 없습니다',
  },
}
