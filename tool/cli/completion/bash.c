/* bash: what fills COMPREPLY. bash-completion is not needed. */
#include "tool/cli/completion/shell.h"

/*
 * The script's own part; @ stands for the name of its function. bash parts words at '=' and ':',
 * the program does not: the words are put together again, and what stands in front of bash's last
 * part is taken off what is offered. Names of files are left to readline, which knows how to quote
 * them.
 */
static const char engine[] =
	"@() {\n"
	"	local line=${COMP_LINE:0:COMP_POINT} words=() part='' word cur lead='' i\n"
	"	local at='' value='' next options argument closed='' only=''\n"
	"	for ((i = 0; i <= COMP_CWORD; i++)); do\n"
	"		part=${COMP_WORDS[i]}\n"
	"		if ((i == 0)) || [[ $line == [[:space:]]* ]]; then\n"
	"			line=${line#\"${line%%[![:space:]]*}\"}\n"
	"			words+=('')\n"
	"		fi\n"
	"		[[ $line == \"$part\"* ]] || part=$line # up to the cursor\n"
	"		line=${line#\"$part\"}\n"
	"		words[-1]+=$part\n"
	"	done\n"
	"	[[ ${part//[=:]/} ]] || part=''\n"
	"	for word in \"${words[@]:1:${#words[@]}-2}\"; do\n"
	"		if [[ $value ]]; then\n"
	"			value=''\n"
	"		elif [[ $only ]]; then\n"
	"			((++only))\n"
	"		elif [[ $word == -?* ]]; then\n"
	"			[[ $word != -- ]] || only=1\n"
	"			[[ ! $at ]] || closed=1\n"
	"			[[ $word == *=* ]] || @_value \"$word\"\n"
	"		elif [[ ! $closed ]] && at=\"${at:+$at }$word\" @_place; then\n"
	"			at+=${at:+ }$word\n"
	"		else\n"
	"			closed=1\n"
	"		fi\n"
	"	done\n"
	"	COMPREPLY=()\n"
	"	word=${words[-1]} cur=${words[-1]}\n"
	"	@_place\n"
	"	if [[ ! $value && ! $only && $cur == --*=* ]]; then\n"
	"		@_value \"${cur%%=*}\"\n"
	"		lead=${cur%%=*}= cur=${cur#*=}\n"
	"	elif [[ ! $value && ! $only && $cur == -* ]]; then\n"
	"		value=$options\n"
	"	elif [[ ! $value && $next ]]; then\n"
	"		[[ $closed$only ]] || value=$next\n"
	"	elif [[ ! $value ]]; then\n"
	"		value=$argument\n"
	"	fi\n"
	"	case $value in\n"
	"	'' | OTHER) ;;\n"
	"	FILE) compopt -o default ;;\n"
	"	FOLDER) compopt -o dirnames ;;\n"
	"	COMMAND)\n"
	"		if ((only > 1)); then\n"
	"			compopt -o default\n"
	"		else\n"
	"			mapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
	"		fi\n"
	"		;;\n"
	"	*)\n"
	"		mapfile -t COMPREPLY < <(IFS=' ' compgen -P \"$lead\" -W \"$value\" -- "
	"\"$cur\")\n"
	"		COMPREPLY=(\"${COMPREPLY[@]#\"${word%\"$part\"}\"}\")\n"
	"		;;\n"
	"	esac\n"
	"}\n"
	"complete -F @ ";

static void bash_put_kind(const struct part_script *s, const char *arg)
{
	switch (part_kind(arg)) {
	case PART_FLAG: break;
	case PART_FILE: fputs("FILE", s->to); break;
	case PART_FOLDER: fputs("FOLDER", s->to); break;
	case PART_COMMAND: fputs("COMMAND", s->to); break;
	case PART_WORDS: part_put_words(s->to, arg); break;
	case PART_OTHER: fputs("OTHER", s->to); break;
	}
}

/* The options of a table, each in both its forms. */
static void bash_put_options(const struct part_script *s, const struct tool_option *o)
{
	for (; o && o->name; o++) {
		fprintf(s->to, " --%s", o->name);
		if (o->letter)
			fprintf(s->to, " -%c", o->letter);
	}
}

static void bash_put_next(const struct part_script *s, const struct part_place *at,
			  const char *word, const char *about)
{
	(void)at, (void)about;
	fprintf(s->to, "%s ", word);
}

/* A row of the table of places: what may follow there. */
static void bash_put_place(const struct part_script *s, const struct part_place *at)
{
	char argument[PART_NAME_MAX];

	fprintf(s->to, "	'%.*s') ", (int)at->len, at->path);
	fputs("next='", s->to);
	part_each_next(s, at, bash_put_next);
	fputs("' options='", s->to);
	if (at->command)
		bash_put_options(s, at->command->options);
	fputs("' argument='", s->to);
	if (at->command)
		bash_put_kind(s, part_first_argument(at->command, argument));
	fputs("' ;;\n", s->to);
}

/* The rows of the table of values; where: "'profile list", or "*'" for anywhere. */
static void bash_put_values(const struct part_script *s, const char *where,
			    const struct tool_option *o)
{
	for (; o && o->name; o++) {
		if (!o->arg)
			continue;
		fprintf(s->to, "	%s --%s'", where, o->name);
		if (o->letter)
			fprintf(s->to, " | %s -%c'", where, o->letter);
		fputs(") value='", s->to);
		bash_put_kind(s, o->arg);
		fputs("' ;;\n", s->to);
	}
}

void bash_write(const struct part_script *s)
{
	const struct tool_program *p = s->program;

	fprintf(s->to,
		"# bash completes %s by this: '%s --completion bash' has printed it.\n"
		"# Sets what may follow the words of a command, which are in $at.\n"
		"%s_place() {\n	next='' options='' argument=''\n	case $at in\n",
		p->name, p->name, s->function);
	part_each_place(s, bash_put_place);
	fputs("	*) return 1 ;;\n	esac\n	options+='", s->to);
	bash_put_options(s, p->globals);
	bash_put_options(s, s->common);
	fprintf(s->to,
		"'\n}\n# Sets $value to what the value of option $1 is: words, a kind, or nothing "
		"for a flag.\n"
		"%s_value() {\n	case \"$at $1\" in\n",
		s->function);
	for (size_t i = 0; i < p->command_count; i++) {
		char where[PART_NAME_MAX];

		snprintf(where, sizeof(where), "'%s", p->commands[i].name);
		bash_put_values(s, where, p->commands[i].options);
	}
	bash_put_values(s, "*'", p->globals);
	bash_put_values(s, "*'", s->common);
	fputs("	*) value='' ;;\n	esac\n}\n", s->to);
	part_put_script(s, engine);
	fprintf(s->to, "%s\n", p->name);
}
