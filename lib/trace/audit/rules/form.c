/* form: FRM, commands and responses as ISO 7816-3 has them, and how whole the trace is */
#include "lib/trace/audit/rule.h"
#include "lib/trace/decode/item.h"

enum { FORM_FAULT, FORM_COMMAND, FORM_CONTENT };

static const struct finding_rule rules[] = {
	[FORM_FAULT] =
		RULE("FRM-01", WARNING, "docs/trace.md", "the trace can be read as a whole",
		     "A frame or line is cut, broken or of another form. What it held is not "
		     "judged: a verdict on this trace has a gap there.",
		     "Record it again; --from names the form where the wrong one was found."),
	[FORM_COMMAND] =
		RULE("FRM-02", WARNING, "ISO 7816-3 12.1.3", "a command has the form of an APDU",
		     "What was sent is too short, or its length octets say something else "
		     "than there is. A card may read it otherwise than who sent it.",
		     "Mend who builds the command: Lc is the number of its data octets."),
	[FORM_CONTENT] =
		RULE("FRM-03", INFO, "the clause of the file or message",
		     "what is sent and answered is coded as its standard has it",
		     "An element is cut, has a value that is reserved, or is not of its place.",
		     "'trace show -v' has the element and what is wrong with it."),
};

struct form {
	unsigned none;
};

static void form_step(struct audit_run *r, void *state, const struct audit_step *s)
{
	(void)state;
	if (s->x->malformed)
		audit_find(r, &rules[FORM_COMMAND], &s->spot, "%s: %s", s->item->name,
			   err_text(s->x->malformed));
}

static void form_event(struct audit_run *r, void *state, const struct trace_event *e)
{
	struct audit_spot at = audit_spot_of(e);

	(void)state;
	if (e->kind == TRACE_FAULT)
		audit_find(r, &rules[FORM_FAULT], &at, "%s", e->text);
}

static void form_fault(struct audit_run *r, const struct audit_step *s,
		       const struct tree_node *node)
{
	audit_find(r, &rules[FORM_CONTENT], &s->spot, "%s, %s: %s", s->item->name, node->name,
		   node->fault);
}

const struct audit_family audit_form = {
	.about = "Form of commands, responses and of the trace itself",
	.rules = rules,
	.rule_count = ARRAY_LEN(rules),
	.state_size = sizeof(struct form),
	.step = form_step,
	.event = form_event,
	.fault = form_fault,
};
