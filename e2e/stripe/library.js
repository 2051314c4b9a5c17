// Stands in for Stripe's library in a browser: asks the double what the library asks Stripe, in frames of the same origins.
(() => {
  const cards = {
    4242424242424242: 'pm_card_visa',
    4000000000000341: 'pm_card_chargeCustomerFail',
    4000000000000002: 'pm_card_visa_chargeDeclined',
    4000002760003184: 'pm_card_authenticationRequired',
    4000000000003220: 'pm_card_authenticationRequired',
  };
  /** Whose bank asks on a page of its own. */
  const leadsAway = '4000000000003220';

  /** A frame that says one thing, or many. */
  function frame(src, title, place, hear) {
    const element = document.createElement('iframe');
    Object.assign(element, { src, title });
    addEventListener('message', ({ source, data }) => source === element.contentWindow && hear(data, element));
    place.append(element);
    return element;
  }

  function Stripe(key) {
    async function ask(method, secret, verb = '', more = {}) {
      const id = secret.split('_secret_')[0];
      const isSetup = id.startsWith('seti_');
      const form = new URLSearchParams({ key, client_secret: secret, ...more });
      const address = `https://api.stripe.com/v1/${isSetup ? 'setup_intents' : 'payment_intents'}/${id}${verb}`;
      const response = await fetch(...(method === 'GET' ? [`${address}?${form}`] : [address, { method, body: form }]));
      const body = await response.json();
      return body.error ? { error: body.error } : { [isSetup ? 'setupIntent' : 'paymentIntent']: body };
    }

    function elements({ clientSecret, appearance }) {
      const listeners = {};
      let shown;
      const dress = ({ appearance: { theme } }) => (shown.dataset.theme = theme);
      const made = { clientSecret, number: '', update: dress };
      made.create = () => ({
        on: (name, listener) => (listeners[name] = listener),
        mount(place) {
          shown = frame('https://js.stripe.com/fields.html', 'Secure payment input frame', place, (data) => {
            if (data === 'ready') listeners.ready?.();
            else made.number = data.number;
          });
          shown.style.cssText = 'width:100%;height:88px;border:0;display:block';
          dress({ appearance });
        },
        destroy: () => shown?.remove(),
      });
      return made;
    }

    /** The bank asks, over the whole page. */
    async function challenge(secret) {
      const outcome = await new Promise((answer) => {
        const asking = frame('https://hooks.stripe.com/challenge.html', 'Your bank', document.body, (data) => {
          asking.remove();
          answer(data);
        });
        asking.style.cssText = 'position:fixed;inset:0;width:100%;height:100%;z-index:99;background:#fff';
      });
      const result = await ask('POST', secret, '/challenge', { outcome });
      const { last_payment_error: payment, last_setup_error: setup } = Object.values(result)[0];
      return outcome === 'failed' ? { error: payment ?? setup } : result;
    }

    /** Never answers: the page is left, and what comes back is another one. */
    function leave(secret, kind, { return_url }) {
      const asked = { key, kind, id: secret.split('_secret_')[0], client_secret: secret, return_url };
      location.assign(`https://hooks.stripe.com/redirect.html?${new URLSearchParams(asked)}`);
      return new Promise(() => undefined);
    }

    async function confirm({ elements: { clientSecret, number }, confirmParams }) {
      const digits = number.replaceAll(' ', '');
      const card = cards[digits];
      if (!card) return { error: { type: 'validation_error', message: 'Your card number is incomplete.' } };
      const result = await ask('POST', clientSecret, '/confirm', { payment_method: card, ...confirmParams });
      const isAsked = Object.values(result)[0].status === 'requires_action';
      if (isAsked && digits === leadsAway)
        return leave(clientSecret, result.setupIntent ? 'setup_intent' : 'payment_intent', confirmParams);
      return isAsked ? challenge(clientSecret) : result;
    }

    return {
      elements,
      retrievePaymentIntent: (secret) => ask('GET', secret),
      retrieveSetupIntent: (secret) => ask('GET', secret),
      confirmPayment: confirm,
      confirmSetup: confirm,
      handleNextAction: ({ clientSecret }) => challenge(clientSecret),
    };
  }
  window.Stripe = Object.assign(Stripe, { version: 'endive' });
})();
