"""Every word of the interface, in English and Chinese, in one place.

One table, however long: who translates reads it from end to end, and a sentence that one language lacks is seen at once.
"""

from __future__ import annotations

from collections.abc import Callable

from harness.errors import UsageError, closest

LANGUAGES = ("en", "zh")
Translate = Callable[..., str]

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("captcha resilience report", "验证码容灾测试报告"),
    "verdict.pass": ("pass", "通过"),
    "verdict.fail": ("fail", "失败"),
    "verdict.unknown": ("unknown", "未知"),
    "verdict.waived": ("waived", "已豁免"),
    "verdict.none": ("not run", "未执行"),
    "headline.fail": ("{n} of {total} scenarios fail", "{total} 个场景中有 {n} 个失败"),
    "headline.fail.one": ("1 of {total} scenarios fails", "{total} 个场景中有 1 个失败"),
    "headline.unknown": (
        "No scenario fails, but {n} of {total} are unknown",
        "没有场景失败，但 {total} 个场景中有 {n} 个结果未知",
    ),
    "headline.unknown.one": (
        "No scenario fails, but 1 of {total} is unknown",
        "没有场景失败，但 {total} 个场景中有 1 个结果未知",
    ),
    "headline.waived": (
        "No scenario fails, and {n} of {total} only because their findings are waived",
        "没有场景失败，但 {total} 个场景中有 {n} 个仅因豁免而未计为失败",
    ),
    "headline.waived.one": (
        "No scenario fails, and 1 of {total} only because its findings are waived",
        "没有场景失败，但 {total} 个场景中有 1 个仅因豁免而未计为失败",
    ),
    "headline.short": ("No scenario fails, but the run is not complete", "没有场景失败，但本次运行不完整"),
    "headline.pass": ("All {total} scenarios pass", "全部 {total} 个场景通过"),
    "headline.pass.one": ("The one scenario passes", "唯一的场景通过"),
    "headline.empty": ("No scenario was run", "没有执行任何场景"),
    "lead.fail": (
        "When the captcha fails, this target does not always behave as its contract demands. What to mend comes first.",
        "验证码失效时，该应用并不总能按约定工作。首先列出需要修复的问题。",
    ),
    "lead.unknown": (
        "An unknown is never a pass: the fault was not felt, the control was not healthy, or the laboratory failed.",
        "“未知”绝不等于“通过”：故障未真正生效、对照组不健康，或实验环境出错。",
    ),
    "lead.waived": (
        "Known fails are waived by the target file, each with its reason and a date. They fail again after it.",
        "已知的失败由目标文件豁免，各附理由与期限；期限过后重新计为失败。",
    ),
    "lead.pass": (
        "Whenever the captcha failed, the business went on and the door stayed shut to forgers.",
        "每次验证码失效时，业务均能继续，且伪造者始终无法通过。",
    ),
    "not-ended": ("The run was cut short; {n} planned scenarios were not run.", "运行被中断；{n} 个计划中的场景未执行。"),
    "not-run": ("{n} planned scenarios were not run.", "{n} 个计划中的场景未执行。"),
    "truncated": ("The last line of the journal was cut off and is left out.", "日志最后一行不完整，已忽略。"),
    "passed": ("passed", "通过"),
    "failed": ("failed", "失败"),
    "unknowns": ("unknown", "未知"),
    "waived": ("waived", "已豁免"),
    "waivers.heading": ("What is waived", "豁免项"),
    "waivers.note": (
        "Days are UTC days; the day on which the run began counts. An unknown is never waived.",
        "日期按 UTC 计，以运行开始当日为准。“未知”不可豁免。",
    ),
    "waiver.until": ("until {day}", "截至 {day}"),
    "waiver.used": ("waives findings of {n} scenarios", "豁免了 {n} 个场景的问题"),
    "waiver.used.one": ("waives findings of 1 scenario", "豁免了 1 个场景的问题"),
    "waiver.stale": (
        "stale: in every scenario that could show it it was looked for and never found; take it out",
        "已过时：所有可能出现该问题的场景中均未再出现，请删除",
    ),
    "waiver.expired": ("expired: its findings count again", "已过期：相关问题重新计入"),
    "waiver.worse": (
        "what was found is worse than it covers, and counts: see its key severity",
        "实际问题比豁免范围更严重，仍计为问题：参见其 severity 项",
    ),
    "waiver.untried": (
        "not found, but not every scenario that could show it was judged in this run",
        "未发现，但本次运行并未判定所有可能出现该问题的场景",
    ),
    "waived.heading": ("Waived findings", "已豁免的问题"),
    "waived.because": ("Waived until {day}", "豁免至 {day}"),
    "contradictions.heading": ("Where the vendor's own documents contradict each other", "服务商文档自相矛盾之处"),
    "contradictions.note": (
        "Both sides of each are the vendor's. A target is held to the demand below them, for the reason given.",
        "两种说法均出自服务商文档。应用须满足其下所列要求，理由附后。",
    ),
    "contradiction.rests": ("an oracle with findings rests on it", "有发现问题的检查依据于此"),
    "contradiction.quiet": ("no oracle with findings rests on it", "发现问题的检查与此无关"),
    "contradiction.one": ("One says", "一处写道"),
    "contradiction.other": ("Another says", "另一处写道"),
    "contradiction.demand": ("Demanded", "要求"),
    "contradiction.why": ("Why", "理由"),
    "contradiction.see": (
        "The vendor's documents contradict each other on what is demanded here:",
        "关于此项要求，服务商文档自相矛盾：",
    ),
    "not-run.short": ("not run", "未执行"),
    "mend.heading": ("What to mend", "需要修复的问题"),
    "mend.waived": ("Nothing but what is waived.", "除豁免项外，无。"),
    "mend.none": ("Nothing: no oracle has a finding.", "无：所有检查均未发现问题。"),
    "when": ("When", "情形"),
    "hits": ("{n} scenarios", "{n} 个场景"),
    "hits.one": ("1 scenario", "1 个场景"),
    "hits.all": ("All scenarios it hits, with what was seen", "受影响的全部场景及所见"),
    "more": ("{n} more", "另有 {n} 条"),
    "more.journal": ("{n} more are in the journal.", "其余 {n} 条见日志。"),
    "expected": ("Expected", "预期"),
    "seen": ("Seen", "实际"),
    "source": ("Documented in", "依据"),
    "mend": ("How to mend it", "修复方法"),
    "unknown.heading": ("What could not be judged", "无法判定的场景"),
    "coverage.heading": ("Coverage", "覆盖范围"),
    "coverage.modes": ("documented failure modes exercised", "已触发的文档化失败模式"),
    "coverage.survived": ("of those, survived", "其中应用安然度过"),
    "coverage.cells": ("link × family × phase cells with a felt fault", "故障真正生效的 链路 × 类别 × 阶段 组合"),
    "coverage.missing": ("Not exercised: {modes}", "未触发：{modes}"),
    "coverage.where": ("Where faults were felt", "故障生效的位置"),
    "coverage.felt": ("felt", "已生效"),
    "coverage.unfelt": ("tried, not felt", "已尝试，未生效"),
    "heat.heading": ("Failure mode × flow", "失败模式 × 业务流程"),
    "heat.note": ("Passed scenarios of all scenarios in that cell.", "每格为 通过数 / 场景总数。"),
    "heat.mode": ("Failure mode", "失败模式"),
    "heat.missing": ("not exercised", "未触发"),
    "heat.none": ("No documented code", "无文档化错误码"),
    "scenarios.heading": ("All scenarios", "全部场景"),
    "filter": ("Filter by any word", "输入关键字筛选"),
    "filter.all": ("all", "全部"),
    "filter.left": ("{n} shown", "显示 {n} 个"),
    "col.verdict": ("Verdict", "判定"),
    "col.scenario": ("Scenario", "场景"),
    "col.mode": ("Mode", "模式"),
    "col.fault": ("Fault", "故障"),
    "col.link": ("Link", "链路"),
    "col.when": ("When", "时机"),
    "col.fallback": ("Fallback", "容灾票据"),
    "col.business": ("Business", "业务完成"),
    "col.recovery": ("Recovery", "恢复"),
    "col.real": ("Real time", "实际耗时"),
    "col.visit": ("Visit", "访问"),
    "col.outcome": ("Outcome", "结果"),
    "col.at": ("Page time", "页面时间"),
    "col.what": ("What", "事件"),
    "col.detail": ("Detail", "详情"),
    "col.effects": ("Effects at origin", "源站业务记录"),
    "col.signalled": ("Signalled as degraded", "降级信号"),
    "signalled.log": ("log {n} ×", "日志 {n} 次"),
    "signalled.metric": ("metric {n}", "指标 {n}"),
    "col.usable": ("Longest page freeze", "页面最长无响应"),
    "col.ticket": ("Ticket", "票据"),
    "col.where": ("Seen in", "位置"),
    "col.status": ("Status", "状态码"),
    "col.took": ("Took", "耗时"),
    "col.answer": ("Answer", "应答"),
    "col.user-ip": ("User's address, as named", "上报的用户 IP"),
    "col.secret": ("Secret", "机密"),
    "col.label": ("Try", "尝试"),
    "col.health": ("Provider", "服务商状态"),
    "col.offered": ("Step-up offered", "提供二次验证"),
    "col.count": ("Requests", "请求数"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "run.id": ("Run", "运行编号"),
    "run.target": ("Target", "被测应用"),
    "run.began": ("Began (UTC)", "开始时间（UTC）"),
    "run.browser": ("Browser", "浏览器"),
    "run.toxiproxy": ("Toxiproxy", "Toxiproxy"),
    "run.seed": ("Seed", "随机种子"),
    "run.jobs": ("Jobs", "并发数"),
    "run.clock": ("Clock", "时钟"),
    "clock.real": ("real time", "真实时间"),
    "clock.advanced": ("page clock advanced where only timers wait", "仅等待定时器时推进页面时钟"),
    "repeat": ("Run it again", "重新运行"),
    "back": ("All scenarios", "返回总览"),
    "kind.fault": ("fault", "故障"),
    "kind.control": ("control", "对照"),
    "kind.verdict": ("verdict", "判定"),
    "kind.forgery": ("forgery", "伪造"),
    "kind.load": ("load", "压力"),
    "sides.heading": ("What an honest user gets, and what a forger gets", "真实用户与伪造者分别得到什么"),
    "sides.note": (
        "Effects are counted at the target's origin. A forger comes by HTTP and needs none of the browser's links, so to the "
        "server an outage of these alone looks like health.",
        "业务结果在应用源站计数。伪造者直接通过 HTTP 提交，不需要浏览器链路，因此仅浏览器链路故障时服务端看起来一切正常。",
    ),
    "sides.flow": ("Flow", "业务流程"),
    "sides.policy": ("Policy", "策略"),
    "sides.captcha": ("Captcha", "验证码"),
    "sides.honest": ("Honest users", "真实用户"),
    "sides.effects": ("Forger: effects of tries", "伪造者：得手 / 尝试"),
    "sides.at-once": ("of them, sent at once", "其中同时发出"),
    "sides.unreached": (
        "{flow}, {health}: limits.{limit} allows {allowed}, and {tries} tries were made; whether it holds is not known.",
        "{flow}，{health}：limits.{limit} 允许 {allowed} 次，仅尝试了 {tries} 次；该限制是否有效未知。",
    ),
    "sides.offers": ("Step-up offered to him", "对其提供二次验证"),
    "health.healthy": ("healthy", "正常"),
    "health.client-outage": ("fails in the browser", "浏览器侧故障"),
    "health.outage": ("fails at the server", "服务端侧故障"),
    "health.whole-outage": ("fails on both sides", "两侧均故障"),
    "evidence.codes": ("Codes that a forger entered at the step-up", "伪造者在二次验证中输入的代码"),
    "recovery.heading": ("After the faults", "故障结束之后"),
    "recovery.note": (
        "Those who came when a fault had ended: from their click to the business done, in page time.",
        "故障结束后到来的用户：从点击到业务完成的时间（页面时间）。",
    ),
    "recovery.who": ("Visitor", "访问者"),
    "recovery.verified": ("Verified", "验证通过"),
    "recovery.middle": ("Middle", "中位数"),
    "recovery.longest": ("Longest", "最长"),
    "recovery.same-tab": ("the same tab", "同一标签页"),
    "recovery.new-tab": ("a new tab", "新标签页"),
    "recovery.new-visitor": ("a new visitor", "新访问者"),
    "recovery.after-a-crowd": (
        "the next one beside a crowd that came back at once (real time from the outage's end)",
        "大量用户同时返回时的下一位访问者（自故障结束起的真实时间）",
    ),
    "crowds.heading": ("Under load", "负载之下"),
    "crowds.note": (
        "Before, in and after an outage of the verdict API, with virtual users who come whether others are answered or not.",
        "判定接口故障之前、期间与之后；虚拟用户按固定速率到来，不等待他人得到应答。",
    ),
    "crowds.unreached": (
        "limits.{limit} allows {allowed} in this time, and no more than {through} could have got through without it; whether "
        "it holds in a crowd is not known.",
        "limits.{limit} 在此期间允许 {allowed} 次，即使没有该限制最多也只能通过 {through} 次；该限制在负载下是否有效未知。",
    ),
    "untried.other-way": (
        "Under the policy block a crowd is refused, and nobody of it took the other way in: whether that stays open while a "
        "crowd comes is not known.",
        "策略为 block 时人群被拒绝，且无人使用备用途径；大量用户到来时该途径是否仍可用未知。",
    ),
    "untried.second-factor": (
        "The crowd was offered a second factor, and nobody of it entered a code: whether codes are sent and taken while a "
        "crowd comes is not known.",
        "已向人群提供二次验证，但无人输入代码；大量用户到来时代码能否送达并被接受未知。",
    ),
    "kind.recovery": ("recovery", "恢复"),
    "kind.storm": ("storm", "涌回"),
    "story.fault": ("On flow {flow}, link {link} is struck: {fault}.", "业务流程 {flow} 的链路 {link} 发生故障：{fault}。"),
    "story.control": ("Flow {flow} with nothing broken.", "业务流程 {flow}，无任何故障。"),
    "story.storm": (
        "Flow {flow}: a crowd that the outage held up comes back at its end, all at once.",
        "业务流程 {flow}：故障期间被耽搁的人群在恢复时同时涌回。",
    ),
    "story.verdict": (
        "Flow {flow}: the provider is healthy and its verdict is other than “verified”.",
        "业务流程 {flow}：服务商正常，但判定结果不是“通过”。",
    ),
    "story.forgery": (
        "Flow {flow}: forged tickets by HTTP, past the page.",
        "业务流程 {flow}：绕过页面、通过 HTTP 提交伪造票据。",
    ),
    "story.load": (
        "Flow {flow}: a crowd comes over HTTP, before, in and after an outage.",
        "业务流程 {flow}：故障之前、期间与之后，大量用户通过 HTTP 同时访问。",
    ),
    "expect.code": ("Fallback ticket with code", "容灾票据错误码"),
    "expect.none": ("none may be seen", "不应出现"),
    "expect.outcome": ("Outcome", "业务结果"),
    "expect.within": ("within {time}", "{time} 以内"),
    "fact.expected": ("expected: {what}", "预期：{what}"),
    "fact.ticket": ("Fallback ticket", "容灾票据"),
    "fact.fallback": ("Time to the ticket", "票据耗时"),
    "fact.business": ("Business", "业务"),
    "fact.recovery": ("Recovery", "恢复"),
    "fact.felt": ("Fault felt", "故障是否生效"),
    "fact.real": ("Real time", "实际耗时"),
    "fact.places": ("{n} places", "{n} 处证据"),
    "fact.budget": ("budget {time}", "上限 {time}"),
    "fact.page-time": ("page time after the click", "点击后的页面时间"),
    "findings.heading": ("Findings", "发现的问题"),
    "findings.none": ("No oracle has a finding.", "所有检查均未发现问题。"),
    "unknown.because": ("Unknown because", "未知原因"),
    "timeline.heading": ("What happened when", "时间线"),
    "timeline.note": (
        "Axis: page time, what a user would have waited. Point at a mark for more; the table of events says it in words.",
        "横轴为页面时间，即用户实际会等待的时间。悬停可查看详情；下方事件表为文字版本。",
    ),
    "legend.fault": ("fault stands", "故障生效期间"),
    "legend.advanced": ("page clock advanced", "页面时钟被推进"),
    "legend.answered": ("answered", "已应答"),
    "legend.failed": ("failed", "失败"),
    "legend.open": ("never answered", "始终无应答"),
    "row.user": ("user", "用户"),
    "row.callback": ("callback", "回调"),
    "row.ticket": ("ticket", "票据"),
    "row.submit": ("submit", "提交"),
    "row.verdict": ("verdict call", "票据校验"),
    "row.business": ("business", "业务"),
    "screens.heading": ("What the user saw", "用户所见"),
    "screens.none": ("No screenshot was taken.", "没有截图。"),
    "screens.device": (
        "A scripted client has no page that could be drawn: what it was told is under callbacks.",
        "脚本化客户端没有可截图的页面；其收到的事件见“回调”。",
    ),
    "screens.alt": ("Screenshot at the end of visit {visit}", "访问 {visit} 结束时的截图"),
    "evidence.heading": ("Evidence", "证据"),
    "evidence.sightings": ("Where the fault was seen to bite", "故障生效的证据"),
    "evidence.receipts": ("The fault, as read back", "故障设置的回读记录"),
    "evidence.visits": ("Visits", "访问"),
    "evidence.tickets": ("Tickets", "票据"),
    "evidence.callbacks": ("Callbacks", "回调"),
    "evidence.submits": ("Submits at the target's origin", "到达应用源站的提交"),
    "evidence.guarded": ("What only a pass may buy, counted at the provider", "须先通过验证才可请求的操作（在服务商处计数）"),
    "evidence.posts": ("What else the page had the target do", "页面让应用执行的其他请求"),
    "evidence.leaks": ("Secrets, seen where they must not be", "泄露的机密"),
    "evidence.calls": ("Verdict calls, counted at the provider", "服务商收到的票据校验"),
    "evidence.crowd": ("The crowd", "大量用户"),
    "crowd.effects": (
        "The origin counted {count} effects. Not each of them names an account of the crowd, so only totals were compared.",
        "源站共计 {count} 次业务生效。并非每次都能对应到账号，因此只比较总数。",
    ),
    "crowd.effects-named": (
        "The origin counted {count} effects, and each names an account of the crowd: they were compared account by account.",
        "源站共计 {count} 次业务生效，均可对应到账号，因此逐个账号比较。",
    ),
    "crowd.policies": (
        "Policy while the verdict API answers: {up}; while it does not: {down}.",
        "策略：判定接口可用时为 {up}，不可用时为 {down}。",
    ),
    "col.wave": ("Wave", "阶段"),
    "col.who": ("Who", "用户"),
    "col.came": ("Came", "人数"),
    "col.completed": ("Completed", "已完成"),
    "col.failed": ("No answer or 5xx", "无应答或 5xx"),
    "col.median": ("Median", "中位数"),
    "col.nearly-all": ("95 of 100", "95%"),
    "col.longest": ("Longest", "最长"),
    "wave.before": ("before", "故障前"),
    "wave.outage": ("in the outage", "故障中"),
    "wave.after": ("after", "恢复后"),
    "who.honest": ("honest users", "正常用户"),
    "who.forger": ("forgers", "伪造者"),
    "who.page": ("pages without a captcha", "无需验证码的页面"),
    "evidence.attempts": ("Tries by HTTP", "HTTP 尝试"),
    "evidence.requests": ("Requests at the origin", "源站请求数"),
    "evidence.scripts": ("Client scripts as served (SHA-256)", "客户端脚本（SHA-256）"),
    "evidence.refused": ("Hosts that nothing maps", "未映射而被拒绝的主机"),
    "evidence.lab": ("The laboratory's own error", "实验环境错误"),
    "evidence.output": ("The target's output", "被测应用输出"),
    "evidence.events": ("All events", "全部事件"),
    "evidence.earlier": ("Earlier attempts, replaced by this one", "被本次结果取代的先前尝试"),
    "evidence.none": ("none", "无"),
    "action.apply": ("applied", "施加"),
    "action.heal": ("healed", "解除"),
    "scenario.is": ("The scenario", "场景参数"),
    "provider": ("provider", "服务商"),
    "build": ("client build", "客户端版本"),
    "profile": ("browser profile", "浏览器配置"),
    "phase": ("phase", "阶段"),
    "warmth": ("connection", "连接"),
    "family": ("family", "类别"),
    "policy": ("policy", "策略"),
    "parameters": ("parameters", "参数"),
    "twin": ("twin of, not counted as coverage", "与之同类，不计入覆盖"),
    "attempt": ("attempt", "第几次"),
    "outcome.verified": ("verified", "验证通过"),
    "outcome.unverified": ("completed unverified", "未验证但放行"),
    "outcome.stepped-up": ("stepped up", "二次验证后完成"),
    "outcome.refused": ("refused", "被拒绝"),
    "outcome.nothing": ("not completed", "未完成"),
    "severity.blocker": ("blocker", "阻断"),
    "severity.major": ("major", "严重"),
    "severity.minor": ("minor", "轻微"),
    "oracle.fallback-ticket": ("The documented fallback ticket arrives in time", "按文档及时产生容灾票据"),
    "oracle.business-completes": ("The business completes, exactly once", "业务完成且仅完成一次"),
    "oracle.page-usable": ("The page stays usable while a link hangs", "链路挂起时页面保持可用"),
    "oracle.nothing-for-free": ("A forged ticket gets nothing for free", "伪造票据不能白得好处"),
    "oracle.nothing-for-nothing": ("No ticket gets nothing, in an outage too", "无票据时即使故障也一无所得"),
    "oracle.verdict-is-a-verdict": ("A verdict blocks, no verdict degrades", "有判定则拦截，无判定则降级"),
    "oracle.bounded-wait": ("The server's wait is bounded", "服务端等待有上限"),
    "oracle.healthy-control": ("The healthy control is healthy", "无故障对照保持健康"),
    "oracle.recovers": ("The next user after the fault is verified", "故障结束后的用户可正常验证"),
    "oracle.no-open-redirect": ("The fallback leads nobody to another site", "降级路径不得跳转到外站"),
    "oracle.ux": ("The page goes on: no endless spinner, a word, a keyboard, no crash", "降级后页面体验完好"),
    "oracle.observable": ("The degradation can be observed", "降级可被观测"),
    "oracle.exactly-once": ("What is repeated takes effect once", "重复操作只生效一次"),
    "oracle.no-reuse": ("No used ticket is sent again", "已用票据不会重复提交"),
    "oracle.private": ("The user's address is passed on, secrets stay secret", "传递真实 IP 且不泄露密钥"),
    "oracle.no-side-effect": ("No side effect without verification or policy", "未经验证不产生副作用"),
    "oracle.holds-under-load": ("An outage under load exhausts nothing", "高负载下的故障不耗尽服务"),
    "oracle.other-way-open": ("The other way in stays open and is told of", "备用途径保持可用且页面如实说明"),
}


def translator(lang: str) -> Translate:
    """Return ``t(key, n=…, **values)``; with ``n == 1`` the key's ``.one`` form is used where there is one."""
    if lang not in LANGUAGES:
        raise UsageError(f"no report is written in {lang!r}{closest(lang, LANGUAGES)}")
    column = LANGUAGES.index(lang)

    def translate(key: str, **values: object) -> str:
        if values.get("n") == 1 and f"{key}.one" in _WORDS:
            key = f"{key}.one"
        return _WORDS[key][column].format(**values)

    return translate


def oracle_title(slug: str, translate: Translate) -> str:
    """What an oracle claims, in a sentence; a third party's oracle is called by its slug."""
    key = f"oracle.{slug}"
    return translate(key) if key in _WORDS else slug


def headline(translate: Translate, *, total: int, failed: int, unknown: int, waived: int, whole: bool) -> str:
    """The verdict of a run in one sentence."""
    if not total:
        return translate("headline.empty")
    if failed:
        return translate("headline.fail", n=failed, total=total)
    if unknown:
        return translate("headline.unknown", n=unknown, total=total)
    if not whole:
        return translate("headline.short")
    if waived:
        return translate("headline.waived", n=waived, total=total)
    return translate("headline.pass", n=total, total=total)
