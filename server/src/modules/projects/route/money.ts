import * as projects from '@safesend/shared/projects/calls.ts';
import * as calls from '@safesend/shared/projects/money-calls.ts';
import { Failure } from '@safesend/shared/failure.ts';
import type { Asked, Door } from '../../../kernel/http.ts';
import type { CallShape } from '@safesend/shared/call.ts';
import { mayMoveMoney, type Identity } from '../../../kernel/identity.ts';
import { counted } from '../../../kernel/rate.ts';
import type { Processor } from '../../../kernel/ports/processor.ts';
import { presentPayment } from '../../escrow/present.ts';
import { presentMilestone } from '../present.ts';
import { acceptProposal, declineProposal, proposeChange } from '../service/agreeing.ts';
import { answerCancellation, cancelMilestone } from '../service/ending.ts';
import * as money from '../service/money.ts';
import { findMilestone, findOwnPayment } from '../service/milestone-reading.ts';
import { approveMilestone, requestChanges, startMilestone, submitMilestone } from '../service/work.ts';

const one = ({ result }: { readonly result: Parameters<typeof presentMilestone>[0] }) => ({
  milestone: presentMilestone(result),
});
const paying = ({ result: { milestone, payment, hold } }: { readonly result: money.Paying }) => ({
  milestone: presentMilestone(milestone),
  payment: presentPayment(payment, hold),
});

export function milestoneMoneyDoors(door: Door, processor: Processor | null): void {
  paymentDoors(door, processor);
  workDoors(door);
  releaseDoors(door);
  agreementDoors(door);
}

function paymentDoors(door: Door, processor: Processor | null): void {
  door(calls.getMilestone, ({ em, me, params }) => findMilestone(em, params.milestoneId, me));
  door(calls.fundMilestone, ({ params, body, limits, transact }) =>
    transact(
      counted(limits, 'payment.person', (tx) => money.fundMilestone(tx, processor, params.milestoneId, body)),
      paying,
    ),
  );
  door(calls.getPayment, ({ em, me, params, identity }) => {
    const finisher = mayMoveMoney(identity) ? processor : null;
    return findOwnPayment(em, finisher, params.paymentId, me);
  });
  door(calls.retryPayment, ({ params, body, limits, transact }) =>
    transact(
      counted(limits, 'payment.person', (tx) => money.retryPayment(tx, processor, params.paymentId, body)),
      paying,
    ),
  );
  door(calls.cancelPayment, ({ params, transact }) =>
    transact((tx) => money.cancelPayment(tx, params.paymentId), paying),
  );
}

function workDoors(door: Door): void {
  door(calls.startMilestone, ({ params, transact }) => transact((tx) => startMilestone(tx, params.milestoneId), one));
  door(calls.submitMilestone, ({ params, body, transact }) =>
    transact((tx) => submitMilestone(tx, params.milestoneId, body), one),
  );
  door(calls.requestChanges, ({ params, body, transact }) =>
    transact((tx) => requestChanges(tx, params.milestoneId, body), one),
  );
}

function releaseDoors(door: Door): void {
  door(calls.approveMilestone, (asked) => {
    const { params, body, transact } = asked;
    return transact((tx) => approveMilestone(tx, known(asked), params.milestoneId, body.submissionId), one);
  });
  door(calls.releaseMilestone, (asked) => {
    const { params, body, transact } = asked;
    return transact((tx) => money.releaseMilestone(tx, known(asked), params.milestoneId, body), one);
  });
  door(calls.refundMilestone, ({ params, body, transact }) =>
    transact((tx) => money.refundMilestone(tx, params.milestoneId, body), one),
  );
  door(calls.retryRefund, ({ params, transact }) => transact((tx) => money.retryRefund(tx, params.milestoneId), one));
}

function agreementDoors(door: Door): void {
  door(projects.cancelMilestone, ({ params, body, transact }) =>
    transact((tx) => cancelMilestone(tx, params.milestoneId, body?.reason), one),
  );
  door(calls.answerCancellation, ({ params, body, transact }) =>
    transact((tx) => answerCancellation(tx, params.milestoneId, body.accept), one),
  );
  door(calls.proposeChange, ({ params, body: { commandId: _commandId, ...change }, transact }) =>
    transact((tx) => proposeChange(tx, params.milestoneId, change), one),
  );
  door(calls.acceptProposal, ({ params, transact }) =>
    transact((tx) => acceptProposal(tx, params.milestoneId, params.hash), one),
  );
  door(calls.declineProposal, ({ params, transact }) =>
    transact((tx) => declineProposal(tx, params.milestoneId, params.hash), one),
  );
}

/** Calls with the scope `money` are made by somebody. */
function known({ identity }: Pick<Asked<CallShape>, 'identity'>): Identity {
  if (!identity) throw new Failure('unauthenticated', 'Sign in first.');
  return identity;
}
