import type { Milestone } from '@safesend/shared/projects/milestone.ts';
import type { Project } from '@safesend/shared/projects/project.ts';
import { m } from '#lib/paraglide/messages.js';
import { blankMilestone, milestoneValues, type MilestoneValues } from '#lib/projects/milestone-form.ts';
import { inPlan } from '#lib/projects/in-plan.ts';
import { blankDraft, type Draft } from './draft.ts';

export type TemplateName = 'blank' | 'website' | 'brand' | 'writing';

interface Template {
  readonly value: TemplateName;
  readonly label: string;
  readonly hint: string;
  readonly milestones: readonly MilestoneValues[];
}

const part = (title: string, criteria: string): MilestoneValues => ({ ...blankMilestone, title, criteria });

/** Ways to cut common work into milestones. The amounts are the client's to say. */
export function templates(): readonly Template[] {
  return [
    { value: 'blank', label: m.project_template_blank(), hint: m.project_template_blank_hint(), milestones: [] },
    {
      value: 'website',
      label: m.project_template_website(),
      hint: m.project_template_website_hint(),
      milestones: [
        part(m.project_templates_website_1(), m.project_templates_website_1_done()),
        part(m.project_templates_website_2(), m.project_templates_website_2_done()),
        part(m.project_templates_website_3(), m.project_templates_website_3_done()),
        part(m.project_templates_website_4(), m.project_templates_website_4_done()),
      ],
    },
    {
      value: 'brand',
      label: m.project_template_brand(),
      hint: m.project_template_brand_hint(),
      milestones: [
        part(m.project_templates_brand_1(), m.project_templates_brand_1_done()),
        part(m.project_templates_brand_2(), m.project_templates_brand_2_done()),
        part(m.project_templates_brand_3(), m.project_templates_brand_3_done()),
      ],
    },
    {
      value: 'writing',
      label: m.project_template_writing(),
      hint: m.project_template_writing_hint(),
      milestones: [
        part(m.project_templates_writing_1(), m.project_templates_writing_1_done()),
        part(m.project_templates_writing_2(), m.project_templates_writing_2_done()),
        part(m.project_templates_writing_3(), m.project_templates_writing_3_done()),
      ],
    },
  ];
}

/** What a plan began with, as long as a part of it is still there. */
export function templateOf(plan: readonly Pick<MilestoneValues, 'title'>[]): TemplateName {
  const titles = new Set(plan.map(({ title }) => title));
  return templates().find(({ milestones }) => milestones.some(({ title }) => titles.has(title)))?.value ?? 'blank';
}

/** A draft that repeats another project's plan; its dates are over and its people are its own. */
export function draftFrom({ project, milestones }: { project: Project; milestones: readonly Milestone[] }): Draft {
  const { title, description, currency } = project;
  return {
    ...blankDraft(),
    basics: { title: m.project_template_copy({ title }).slice(0, 120), description, currency },
    milestones: inPlan(milestones).map((milestone) => ({ ...milestoneValues(milestone), due: '' })),
  };
}
