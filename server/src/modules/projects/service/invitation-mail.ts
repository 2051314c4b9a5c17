import type { Mail } from '../../../kernel/ports/mail.ts';
import { composeMail } from '../../accounts/service/letter.ts';
import type { Invitation, Project } from '../entity.ts';

interface Contents {
  readonly to: string;
  readonly url: string;
  readonly inviterName: string;
  readonly project: Project;
  readonly invitation: Invitation;
}

/** Reads the same whether or not the address has an account here. */
export function composeInvitation({ to, url, inviterName, project, invitation }: Contents): Mail {
  const until = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(invitation.expiresAt);
  return composeMail({
    to,
    subject: `${inviterName} invites you to "${project.title}"`,
    paragraphs: [`${inviterName} invites you to the project "${project.title}" on SafeSend as ${invitation.role}.`],
    action: { label: 'Open the invitation', url },
    footnote: `The invitation is good until ${until}. If you did not expect it, ignore this mail and nothing happens.`,
  });
}
