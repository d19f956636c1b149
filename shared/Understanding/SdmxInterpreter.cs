using System.Globalization;
using Pipeline.Reading;

namespace Pipeline.Understanding;

/// <summary>Turns SDMX data messages into cubes: ids and codes are the message's own, labels those of the structures that are there.</summary>
/// <remarks>
/// Data sets of one structure make one cube; where there are several structures each cube carries the structure's id as its suffix. Where a message
/// does not say which components are dimensions and no structure is there to say it, <see cref="SdmxRoles"/> decides. Of several measures (SDMX 3)
/// each is a code of the dimension MEASURE.
/// </remarks>
public static class SdmxInterpreter
{
    private const string ManyMeasures = "MEASURE";

    /// <summary>Reads every observation of a release's message, and accounts for it.</summary>
    /// <param name="release">The release, with a message.</param>
    /// <param name="context">What else is known.</param>
    /// <param name="beside">The other SDMX messages of the release (of one ZIP): their structures and codelists are applied to the data.</param>
    /// <param name="progress">Told how far it is, from 0 to 1.</param>
    /// <param name="cancellationToken">Ends the work between two observations.</param>
    public static Interpretation Interpret(
        ReadRelease release, ReleaseContext context, IEnumerable<SdmxMessage> beside, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(beside);
        var message = release.Sdmx ?? throw new ArgumentException("An SDMX message is expected.", nameof(release));
        var structures = new SdmxStructures();
        structures.Add(message.Structures);
        foreach (var other in beside.Where(other => other != message))
            structures.Add(other.Structures);
        var findings = new Findings();
        var plans = Plans(message, structures, context, findings);
        var result = new Interpretation { Cubes = [.. plans.Where(p => p is not null).Select(p => p!.Target.Cube).Distinct()] };
        result.Findings.Add(findings);
        if (result.Cubes.Count == 0 && !findings.HasErrors)
            result.Findings.Add(WithoutData(message));
        try
        {
            if (result.Cubes.Count > 0)
                new Stream(message, plans, result, context).Run(progress, cancellationToken);
            foreach (var target in plans.Where(p => p is not null).Select(p => p!.Target).Distinct())
            {
                target.LinkParents();
                target.Arrange();
                result.Readings.Add(target.Sentence());
            }
        }
        catch (UnreadableReleaseException e)
        {
            // beside what has been found already
            result.Findings.Add(e.Finding);
        }
        catch
        {
            result.Dispose();
            throw;
        }
        progress?.Report(1);
        return result;
    }

    private static Finding WithoutData(SdmxMessage message) => message.Structures.IsEmpty
        ? new Finding(Severity.Error, "message-without-data", "The SDMX message holds no data" + (message.Notice is null ? "." : ": " + message.Notice))
        {
            Found = message.Notice,
            Expected = "a data set with observations",
            Advice = "Ask the sender for the data message itself.",
        }
        : new Finding(Severity.Error, "structure-without-data", "The SDMX message is a structure message: it describes data and holds none.")
        {
            Found = message.Structures.ToString(),
            Expected = "a data message",
            Advice = "Put it into one ZIP with the data it describes, and upload that: its labels and codelists are applied to them.",
        };

    /// <summary>Decides for each data set what its components are in its cube; null for one that is not published.</summary>
    private static List<Plan?> Plans(SdmxMessage message, SdmxStructures structures, ReleaseContext context, Findings findings)
    {
        var plans = new List<Plan?>();
        var sets = new List<(SdmxDataSet Set, SdmxStructure? Structure)>();
        foreach (var set in message.DataSets)
        {
            var structure = IsDeletion(set) ? null : structures.Find(set);
            sets.Add((set, structure));
            plans.Add(null);
            if (IsDeletion(set))
            {
                findings.Add(new Finding(Severity.Error, "action-not-supported", $"The data set {set.Reference} asks to delete observations; a release can not do that.")
                {
                    Where = set.Where,
                    Found = set.Action,
                    Expected = "Append, Replace, Merge or Information",
                    Advice = "Leave the data set out; to take observations away upload the whole dataset with mode=replace.",
                });
            }
            else
            {
                SdmxRoles.Decide(set, structure, findings);
            }
        }
        var groups = sets.Select((s, i) => (s.Set, s.Structure, Index: i)).Where(s => s.Set.Observations != 0 && !IsDeletion(s.Set)).GroupBy(s => s.Set.Reference?.ToString() ?? "", StringComparer.Ordinal).ToList();
        var suffixes = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var group in groups)
        {
            var (first, structure) = (group.First().Set, group.First().Structure);
            if (group.Any(s => s.Set.Components.All(c => c.Role != SdmxRole.Measure)))
            {
                findings.Add(new Finding(Severity.Error, "measure-missing", $"The data set {first.Reference} has no OBS_VALUE, and no structure says which component is its measure.")
                {
                    Where = first.Where,
                    Found = string.Join(", ", first.Components.Select(c => c.Id)),
                    Expected = "a component OBS_VALUE",
                    Advice = "Put the structure message into one ZIP with the data, and upload that.",
                });
                continue;
            }
            var names = first.Names.Count > 0 ? first.Names : structures.NamesOf(first.Reference);
            var suffix = groups.Count == 1 ? null : Suffix(first.Reference, context, suffixes);
            var target = new Target([.. group.Select(s => s.Set)], structure, names, suffix, context);
            foreach (var (set, _, index) in group)
                plans[index] = new Plan(set, target, message.MarksDimensions || structure is not null, structure);
        }
        return plans;
    }

    private static bool IsDeletion(SdmxDataSet set) => set.Action is { } action && (action.Equals("Delete", StringComparison.OrdinalIgnoreCase) || action is "D");

    /// <summary>A suffix that leaves the dataset's id valid.</summary>
    private static string Suffix(SdmxReference? reference, ReleaseContext context, HashSet<string> taken)
    {
        var text = string.Concat((reference?.Id ?? "data").Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-'));
        var room = Math.Max(1, DatasetId.MaxLength - context.Dataset.Length - 1);
        var suffix = text[..Math.Min(text.Length, room)];
        for (var i = 2; !taken.Add(suffix); i++)
        {
            var number = "-" + i.ToString(CultureInfo.InvariantCulture);
            suffix = text[..Math.Clamp(room - number.Length, 0, text.Length)] + number;
        }
        return suffix;
    }

    /// <summary>A cube that data sets go into.</summary>
    private sealed class Target
    {
        private static readonly string[] Own = [Concepts.TimePeriod, Concepts.ObsStatus, Concepts.UnitMeasure, Concepts.UnitMult];
        private static readonly string[] Columns = ["DATASET", Concepts.SourceId, Concepts.Decimals, "RELEASE", Concepts.ObsValue];

        private readonly SdmxReference? reference;
        private readonly bool hasStructure;
        private readonly Dictionary<string, IReadOnlyDictionary<string, SdmxCode>> codesOf = new(StringComparer.Ordinal);

        public Target(IReadOnlyList<SdmxDataSet> sets, SdmxStructure? structure, IReadOnlyDictionary<string, string> names, string? suffix, ReleaseContext context)
        {
            (reference, hasStructure) = (sets[0].Reference, structure is not null);
            var order = structure?.Components.Select(c => c.Id).ToList() ?? [];
            var all = sets.SelectMany(s => s.Components).DistinctBy(c => (c.Id, c.Role)).Select((c, i) => (Component: c, At: order.IndexOf(c.Id) is >= 0 and var at ? at : order.Count + i)).OrderBy(c => c.At).Select(c => c.Component).ToList();
            var components = new List<Component>();
            var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            void Add(string id, ComponentRole role, SdmxComponent? from)
            {
                if (!taken.Add(id))
                    return;
                components.Add(new Component(id, role) { Labels = from is { Names.Count: > 0 } ? from.Names : Vocabulary.Load("concepts").Codes.GetValueOrDefault(id)?.Labels ?? Code.None });
                if (from?.Codes is not null)
                    codesOf.TryAdd(id, from.Codes);
            }
            var dimensions = all.Where(c => c.Role == SdmxRole.Dimension || IsFreq(c)).ToList();
            if (!dimensions.Exists(IsFreq))
                Add(Concepts.Freq, ComponentRole.Dimension, null);
            foreach (var component in dimensions)
                Add(IdOf(component), ComponentRole.Dimension, component);
            if (sets.Any(s => s.Components.Count(c => c.Role == SdmxRole.Measure) > 1))
            {
                MeasureId = taken.Contains(ManyMeasures) ? ManyMeasures + "_ID" : ManyMeasures;
                Add(MeasureId, ComponentRole.Dimension, null);
            }
            foreach (var id in Own)
                Add(id, id == Concepts.TimePeriod ? ComponentRole.Time : ComponentRole.Attribute, all.Find(c => c.Role == SdmxRole.Time && id == Concepts.TimePeriod || c.Role == SdmxRole.Attribute && IdOf(c) == id));
            foreach (var component in all.Where(c => c.Role == SdmxRole.Attribute && !IsFreq(c)))
                Add(IdOf(component), ComponentRole.Attribute, component);
            var languages = names.Keys.Concat(all.SelectMany(c => c.Names.Keys)).ToList();
            var title = context.Title is { } given ? new Dictionary<string, string> { [Labels.Language(given, context.Language)] = given } : names;
            Cube = new Cube(components, [])
            {
                Suffix = suffix,
                Title = title,
                Language = context.Language ?? (languages.Contains("en") ? "en" : languages.FirstOrDefault()),
            };
        }

        public Cube Cube { get; }

        /// <summary>The dimension of the measures; null when there is one measure.</summary>
        public string? MeasureId { get; }

        public static bool IsFreq(SdmxComponent component) => component.Role is SdmxRole.Dimension or SdmxRole.Attribute && component.Id.Equals(Concepts.Freq, StringComparison.OrdinalIgnoreCase);

        /// <summary>The id of a dimension or an attribute in the cube: its own, but where that is a column of every dataset it is <c>_STATED</c>.</summary>
        public static string IdOf(SdmxComponent component)
        {
            if (IsFreq(component))
                return Concepts.Freq;
            var id = component.Id;
            if (component.Role == SdmxRole.Attribute && Array.Find(Own, own => own.Equals(id, StringComparison.OrdinalIgnoreCase)) is { } known && known != Concepts.TimePeriod)
                return known;
            if (!Labels.IsCode(id))
                id = Labels.ToCode(id, null).Id;
            return Own.Concat(Columns).Contains(id, StringComparer.OrdinalIgnoreCase) ? id + "_STATED" : id;
        }

        /// <summary>The label of a code from the structure; of the concepts that all domains share also without one.</summary>
        public Code Labelled(int component, string id)
        {
            var name = Cube.Components[component].Id;
            if (codesOf.TryGetValue(name, out var codes))
                return codes.TryGetValue(id, out var code) ? new Code(id) { Labels = code.Names } : new Code(id);
            var words = name == Concepts.Freq ? "frequencies" : name == Concepts.ObsStatus ? "status" : null;
            return words is not null && Vocabulary.Load(words).Codes.TryGetValue(id, out var known) ? new Code(id) { Labels = known.Labels } : new Code(id);
        }

        /// <summary>Puts the codelists' hierarchy over the codes that occur.</summary>
        public void LinkParents()
        {
            foreach (var component in Cube.Components)
            {
                if (!codesOf.TryGetValue(component.Id, out var codes))
                    continue;
                for (var i = 0; i < component.Codes.Count; i++)
                {
                    var id = component.Codes[i].Id;
                    var parent = codes.GetValueOrDefault(id)?.Parent;
                    // a codelist that goes in a circle ends after as many steps as a hierarchy may have levels
                    for (var level = 0; parent is not null && level < 50 && component.Codes.Find(parent) < 0; level++)
                        parent = codes.GetValueOrDefault(parent)?.Parent;
                    if (parent is not null && parent != id && component.Codes.Find(parent) >= 0)
                        component.Codes.Add(new Code(id) { Parent = parent });
                }
            }
        }

        /// <summary>Gives the codes the order of the codelists; what these do not have comes last.</summary>
        public void Arrange()
        {
            foreach (var component in Cube.Components)
            {
                if (!codesOf.TryGetValue(component.Id, out var codes))
                    continue;
                var listed = codes.Keys.Select(id => component.Codes.Find(id)).Where(number => number >= 0).ToList();
                component.Order = [.. listed, .. Enumerable.Range(0, component.Codes.Count).Except(listed)];
            }
        }

        public string Sentence()
        {
            var dimensions = Cube.Components.Take(Cube.TimeIndex).Select(c => c.Id).ToList();
            return $"SDMX data of {reference?.ToString() ?? "a structure that the message does not name"}: {Counted.Of(dimensions.Count, "dimension")} ({string.Join(", ", dimensions)}), "
                + $"{Counted.Of(Cube.Observations.Count, "observation")}{(hasStructure ? ", labelled by the structure" : "")}.";
        }
    }

    /// <summary>How the components of a data set go into its cube.</summary>
    private sealed class Plan
    {
        public Plan(SdmxDataSet set, Target target, bool demandsAll, SdmxStructure? structure)
        {
            (Set, Target, DemandsAll) = (set, target, demandsAll);
            Slots = new int[set.Components.Count];
            Caches = new TextCache?[Slots.Length];
            for (var i = 0; i < Slots.Length; i++)
                Slots[i] = set.Components[i].Role is SdmxRole.Dimension or SdmxRole.Attribute ? target.Cube.IndexOf(Target.IdOf(set.Components[i])) : -1;
            int Find(params string[] ids) => ids.Select(id => set.Components.FindIndex(c => c.Role is SdmxRole.Dimension or SdmxRole.Attribute && c.Id.Equals(id, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(at => at >= 0, -1);
            Freq = Find(Concepts.Freq, "FREQUENCY");
            Status = Find(Concepts.ObsStatus, "OBS_FLAG");
            Unit = Find(Concepts.UnitMeasure, "UNIT");
            Mult = Find(Concepts.UnitMult, "POWERCODE", "SCALE");
            Time = set.Components.FindIndex(c => c.Role == SdmxRole.Time);
            Measures = [.. Enumerable.Range(0, Slots.Length).Where(i => set.Components[i].Role == SdmxRole.Measure)];
            Absent = [.. (structure?.Components ?? []).Where(c => c.Role is SdmxRole.Dimension or SdmxRole.Time && !set.Components.Exists(s => s.Id.Equals(c.Id, StringComparison.OrdinalIgnoreCase))).Select(c => c.Id)];
        }

        public SdmxDataSet Set { get; }

        public Target Target { get; }

        /// <summary>Whether an observation without one of the dimensions is a mistake.</summary>
        public bool DemandsAll { get; }

        /// <summary>For each component of the data set its index in the cube; -1 for the time and the measures.</summary>
        public int[] Slots { get; }

        public TextCache?[] Caches { get; }

        public int Freq { get; }

        public int Status { get; }

        public int Unit { get; }

        public int Mult { get; }

        public int Time { get; }

        public int[] Measures { get; }

        /// <summary>Dimensions of the structure that the data set does not have at all.</summary>
        public IReadOnlyList<string> Absent { get; }
    }

    /// <summary>Streams the observations of a message into the cubes.</summary>
    private sealed class Stream
    {
        private readonly SdmxMessage message;
        private readonly List<Plan?> plans;
        private readonly Interpretation result;
        private readonly ReleaseContext context;
        private readonly CodeBudget budget = new();
        private readonly Dictionary<Plan, State> states = [];
        private SdmxReader reader = null!;

        public Stream(SdmxMessage message, List<Plan?> plans, Interpretation result, ReleaseContext context) =>
            (this.message, this.plans, this.result, this.context) = (message, plans, result, context);

        public void Run(IProgress<double>? progress, CancellationToken cancellationToken)
        {
            using (reader = message.Open())
            {
                long count = 0;
                while (reader.Read())
                {
                    if ((++count & 8191) == 0)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        progress?.Report(reader.Progress);
                    }
                    if (plans[reader.DataSet] is not { } plan)
                        continue;
                    if (!states.TryGetValue(plan, out var state))
                        states.Add(plan, state = new State(plan, this));
                    state.Observe();
                }
            }
        }

        /// <summary>What is at hand while the observations of a data set are read.</summary>
        private sealed class State
        {
            private readonly Plan plan;
            private readonly Stream stream;
            private readonly Cube cube;
            private readonly int[] codes;
            private readonly int freqAt, statusAt, unitAt, multAt, measureAt;
            private readonly TextCache? periods, units, mults, statuses, freqs;
            private readonly List<(int Time, int Freq, string? Problem)> periodCodes = [];
            private readonly int normal;
            private readonly int[] measureCodes;

            public State(Plan plan, Stream stream)
            {
                (this.plan, this.stream) = (plan, stream);
                cube = plan.Target.Cube;
                codes = new int[cube.Components.Count];
                freqAt = cube.IndexOf(Concepts.Freq);
                statusAt = cube.TimeIndex + 1;
                (unitAt, multAt) = (statusAt + 1, statusAt + 2);
                measureAt = plan.Target.MeasureId is { } id ? cube.IndexOf(id) : -1;
                periods = plan.Time < 0 ? null : new TextCache(Period);
                statuses = plan.Status < 0 || cube.Components[statusAt].Id.Equals(plan.Set.Components[plan.Status].Id, StringComparison.OrdinalIgnoreCase) || plan.Set.Components[plan.Status].Codes is not null
                    ? Filled(plan.Status, statusAt) : new TextCache(text => Flag(plan.Status, text));
                units = Filled(plan.Unit, unitAt);
                freqs = Filled(plan.Freq, freqAt);
                mults = plan.Mult < 0 ? null : new TextCache(Multiplier);
                for (var i = 0; i < plan.Slots.Length; i++)
                    if (plan.Slots[i] is >= 0 and var slot)
                        plan.Caches[i] = slot == multAt ? mults : Resolver(i, slot);
                normal = cube.Components[statusAt].Codes.Add(plan.Target.Labelled(statusAt, "A"));
                measureCodes = [.. plan.Measures.Select(m => measureAt < 0 ? -1 : cube.Components[measureAt].Codes.Add(new Code(plan.Set.Components[m].Id) { Labels = plan.Set.Components[m].Names }))];
            }

            private TextCache? Filled(int component, int slot) => component < 0 ? null : Resolver(component, slot);

            private TextCache Resolver(int component, int slot) => new(text => Resolve(component, slot, text));

            private Codelist Codes(int slot) => cube.Components[slot].Codes;

            public void Observe()
            {
                var (reader, account) = (stream.reader, stream.result.Reconciliation);
                var problem = plan.Absent.Count > 0 ? Missing(plan.Absent[0], -1) : null;
                codes.AsSpan().Fill(-1);
                for (var i = 0; i < plan.Slots.Length; i++)
                {
                    var slot = plan.Slots[i];
                    if (slot < 0)
                        continue;
                    var text = reader[i];
                    if (text.IsEmpty)
                    {
                        if (slot < cube.TimeIndex && slot != freqAt && plan.DemandsAll)
                            problem ??= Missing(plan.Set.Components[i].Id, i);
                        continue;
                    }
                    codes[slot] = plan.Caches[i]![text];
                    if (codes[slot] == TextCache.Full)
                        problem ??= TooMany(cube.Components[slot].Id);
                }
                if (units is not null && codes[unitAt] < 0 && reader[plan.Unit] is { IsEmpty: false } unit)
                    codes[unitAt] = units[unit];
                if (mults is not null && codes[multAt] < 0 && reader[plan.Mult] is { IsEmpty: false } mult)
                    codes[multAt] = mults[mult];
                if (statuses is not null && codes[statusAt] < 0 && reader[plan.Status] is { IsEmpty: false } status)
                    codes[statusAt] = statuses[status];
                if (freqs is not null && codes[freqAt] < 0 && reader[plan.Freq] is { IsEmpty: false } freq)
                    codes[freqAt] = freqs[freq];
                SetTime(ref problem);
                for (var c = 0; c < cube.TimeIndex; c++)
                    if (codes[c] < 0)
                        codes[c] = c == freqAt ? Codes(c).Add(new Code(Concepts.NotApplicable)) : Codes(c).Add(NotApplicable);
                if (codes[unitAt] < 0)
                    codes[unitAt] = Codes(unitAt).Add(Units.Unspecified);
                if (codes[multAt] < 0)
                    codes[multAt] = Codes(multAt).Add(Units.Multiplier(0));
                var stated = codes[statusAt];
                for (var m = 0; m < plan.Measures.Length; m++)
                {
                    var at = plan.Measures[m];
                    var text = reader[at];
                    if (plan.Measures.Length > 1 && text.IsEmpty)
                        continue;
                    account.CellsIn++;
                    decimal? value = null;
                    if ((problem ?? Value(at, text, out value)) is { } reason)
                        account.Aside(reason, () => stream.reader.WhereOf(at));
                    else
                        Add(at, m, value, stated);
                }
            }

            private void Add(int at, int measure, decimal? value, int stated)
            {
                codes[statusAt] = stated >= 0 && (value is not null || stated != normal) ? stated
                    : value is not null ? normal : Codes(statusAt).Add(plan.Target.Labelled(statusAt, Statuses.Missing.Id));
                if (measureAt >= 0)
                    codes[measureAt] = measureCodes[measure];
                cube.Observations.Add(codes, value, stream.reader.SourceOf(at));
                stream.result.Reconciliation.Observations++;
            }

            private void SetTime(ref string? problem)
            {
                var text = plan.Time < 0 ? default : stream.reader[plan.Time];
                if (periods is null || text.IsEmpty)
                {
                    if (plan.Time >= 0)
                        problem ??= Missing(plan.Set.Components[plan.Time].Id, plan.Time);
                    codes[cube.TimeIndex] = Codes(cube.TimeIndex).Add(new Code(""));
                    if (codes[freqAt] < 0)
                        codes[freqAt] = Codes(freqAt).Add(plan.Target.Labelled(freqAt, Concepts.NotApplicable));
                    return;
                }
                var found = periods[text];
                var (time, freq, wrong) = found == TextCache.Full ? (0, 0, TooMany(Concepts.TimePeriod)) : periodCodes[found];
                problem ??= wrong;
                codes[cube.TimeIndex] = time;
                if (codes[freqAt] < 0)
                    codes[freqAt] = freq;
            }

            private int Period(string text)
            {
                if (SdmxPeriods.Read(text, out var period) is { } problem)
                {
                    stream.Tell(Severity.Error, problem, problem == "period-too-fine"
                            ? $"The period '{text}' is a time of day, which TIME_PERIOD has no form for; its values are set aside."
                            : $"'{text}' is no period; its values are set aside.", plan.Time, text, "a period such as 2023, 2023-Q2, 2023-06, 2023-06-30 or 2023-06-01/P1M", "Correct the period.");
                    periodCodes.Add((0, 0, problem));
                }
                else
                {
                    periodCodes.Add((Codes(cube.TimeIndex).Add(new Code(period.Id)), Codes(freqAt).Add(plan.Target.Labelled(freqAt, period.Freq)), null));
                }
                return periodCodes.Count - 1;
            }

            private int Resolve(int component, int slot, string text)
            {
                var list = Codes(slot);
                if (list.Count >= Coder.MaxCodes || stream.budget.IsSpent)
                    return TextCache.Full;
                var code = Code(component, slot, text);
                var before = list.Count;
                var number = list.Add(code);
                if (list.Count > before)
                    stream.budget.Spend(code);
                return number;
            }

            private Code Code(int component, int slot, string text)
            {
                var from = plan.Set.Components[component];
                if (SdmxText.Languages(text) is { Count: > 0 } texts)
                    return new Code(texts.GetValueOrDefault(cube.Language ?? "en") ?? texts.Values.First()) { Labels = texts };
                if (from.Codes is not null && from.IsEnumerated && !from.Codes.ContainsKey(text) && !text.Split(SdmxText.Between).All(from.Codes.ContainsKey))
                {
                    stream.Tell(from.Role == SdmxRole.Dimension ? Severity.Error : Severity.Warning, "code-unknown", $"The codelist of {from.Id} does not have the code '{text}'.", component, text,
                        $"one of the {Counted.Of(from.Codes.Count, "code")} of the structure that came with the data", "Correct the code, or send the structure that has it.");
                }
                var known = from.Codes?.GetValueOrDefault(text);
                if (known is not null)
                    return new Code(text) { Labels = known.Names };
                var words = Labels.Clean(new string(stream.reader.LabelOf(component)));
                if (from.IsLabelled && text.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon && Labels.IsCode(text.AsSpan(0, colon)))
                {
                    // a text without a code may have a colon too: then two texts share what stands before it
                    var (id, name) = (text[..colon], Labels.Clean(text[(colon + 2)..]));
                    if (Codes(slot).Find(id) is var there && (there < 0 || Codes(slot)[there].Labels.Values.Contains(name)))
                        (text, words) = (id, name);
                }
                return words.Length == 0 || words == text ? plan.Target.Labelled(slot, text) : new Code(text) { Labels = new Dictionary<string, string> { [Labels.Language(words, stream.context.Language)] = words } };
            }

            /// <summary>The status that a flag of OBS_FLAG stands for: Eurostat's p is CL_OBS_STATUS's P.</summary>
            private int Flag(int component, string text) =>
                (Statuses.OfFlag(text) ?? Statuses.OfText(text)) is { } status ? Codes(statusAt).Add(plan.Target.Labelled(statusAt, status.Id)) : Resolve(component, statusAt, text);

            private int Multiplier(string text)
            {
                if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var power) && power is >= -30 and <= 30)
                {
                    var code = Units.Multiplier(power);
                    var component = plan.Set.Components[plan.Mult];
                    return Codes(multAt).Add(component.Codes?.GetValueOrDefault(text) is { Names.Count: > 0 } named ? code with { Labels = named.Names } : code);
                }
                stream.Tell(Severity.Warning, "unit-mult-unreadable", $"The unit multiplier '{text}' is no power of ten; the values are taken as they stand.", plan.Mult, text, "a power of ten, such as 0, 3 or 6",
                    "Write the exponent.");
                return Codes(multAt).Add(Units.Multiplier(0));
            }

            /// <summary>Reads a value; the code of the finding when it is no number and no sign for a missing one.</summary>
            private string? Value(int component, ReadOnlySpan<char> text, out decimal? value)
            {
                value = null;
                var plain = text.Trim();
                if (plain.IsEmpty)
                    return null;
                var measure = plan.Set.Components[component];
                var comma = measure.HasComma;
                if ((comma || !plain.Contains(',')) && Numbers.TryParse(plain, comma, out var number) && number.Flag.IsEmpty && !number.Percent && number.Currency == 0)
                {
                    value = number.Value;
                    return null;
                }
                if (Statuses.OfSymbol(plain) is not null)
                    return null;
                var isText = measure.IsText || plan.Measures.Length > 1;
                var code = isText ? "measure-not-numeric" : "number-unreadable";
                stream.Tell(isText ? Severity.Warning : Severity.Error, code, isText ? $"The measure {measure.Id} is a text here; it is set aside." : $"The value of {measure.Id} is no number.", component,
                    new string(plain[..Math.Min(plain.Length, 200)]), "a number of at most 28 digits, NaN or nothing", "Correct the value, or leave it out.");
                return code;
            }

            private string Missing(string id, int component)
            {
                stream.Tell(Severity.Error, "dimension-missing", $"An observation has no {id}, which is a dimension of its data set.", Math.Max(component, 0), null, $"a code of {id} in every key", "Complete the key.");
                return "dimension-missing";
            }

            private string TooMany(string id)
            {
                stream.Tell(Severity.Error, "codes-too-many", $"The component {id} has too many different values.", 0, null,
                    $"at most {Coder.MaxCodes:N0} different values, and in a release {CodeBudget.MaxCodes:N0} of together {CodeBudget.MaxCharacters:N0} characters", "Leave the component out, or shorten its values.");
                return "codes-too-many";
            }

            private static readonly Code NotApplicable = Vocabulary.Load("frequencies").Codes[Concepts.NotApplicable];
        }

        private void Tell(Severity severity, string code, string message, int component, string? found, string expected, string advice)
        {
            if (!result.Findings.Keeps(code))
                result.Findings.Count(code, severity);
            else
                result.Findings.Add(new Finding(severity, code, message) { Where = reader.WhereOf(component), Found = found, Expected = expected, Advice = advice });
        }
    }
}
