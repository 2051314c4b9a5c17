import { defineEntity, p } from '@mikro-orm/core';

const MessageSchema = defineEntity({
  name: 'Message',
  tableName: 'messages',
  properties: {
    id: p.uuid().primary(),
    roomId: p.uuid(),
    authorId: p.uuid(),
    body: p.text().nullable(),
    replyTo: p.uuid().nullable(),
    files: p.json<{ fileId: string; version: number }[]>().$type<{ fileId: string; version: number }[]>(),
    mentions: p.array().$type<string[]>(),
    createdAt: p.datetime(3),
    editedAt: p.datetime(3).nullable(),
    deletedAt: p.datetime(3).nullable(),
  },
});

export class Message extends MessageSchema.class {
  edit(body: string, mentions: string[], now: Date): void {
    this.body = body;
    this.mentions = mentions;
    this.editedAt = now;
  }

  delete(now: Date): void {
    this.body = null;
    this.files = [];
    this.mentions = [];
    this.deletedAt = now;
  }
}
MessageSchema.setClass(Message);
