namespace Gateway.Cli;

/// <summary>Whether the gateway kept its word to a fleet. These are the names in the JSON.</summary>
internal sealed record FleetVerdict
{
    /// <summary>How many examples of each kind of fault are told.</summary>
    public const int Examples = 10;

    /// <summary>Whether all is well.</summary>
    public bool IsPassed => Faults.Count == 0;

    /// <summary>What is not, in words.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>Single readings, answers and commands that the faults are about; some of them.</summary>
    public required IReadOnlyList<string> Details { get; init; }

    /// <summary>What became of the readings; null when nobody looked.</summary>
    public ReadingsVerdict? Readings { get; init; }

    /// <summary>What became of the commands; null when there were none.</summary>
    public CommandsVerdict? Commands { get; init; }

    /// <summary>Judges a fleet that has come to rest.</summary>
    /// <param name="fleet">The fleet.</param>
    /// <param name="readings">What came out; null when nobody looked.</param>
    /// <param name="traffic">The commands; null when there were none.</param>
    /// <param name="states">What the gateway believes of the commands.</param>
    public static FleetVerdict Of(Fleet fleet, ReadingsFile? readings, CommandTraffic? traffic, IReadOnlyDictionary<(int Device, int Number), string> states)
    {
        var (faults, details) = (new List<string>(), new List<string>());
        var counts = fleet.Tally.Counts();
        if (!counts.Answers.Any(answer => answer.Key.StartsWith('2')))
        {
            faults.Add("no message was answered with a success");
        }

        Note(counts.Unreadable, "answers could not be read by their devices", counts.Troubles);
        var ofReadings = readings is null ? null : JudgeReadings(fleet, readings);
        var ofCommands = traffic is null ? null : JudgeCommands(fleet, traffic, states);
        return new FleetVerdict { Faults = faults, Details = details, Readings = ofReadings, Commands = ofCommands };

        void Note(long count, string what, IEnumerable<string> examples)
        {
            if (count > 0)
            {
                faults.Add($"{count} {what}");
                details.AddRange(examples);
            }
        }

        ReadingsVerdict JudgeReadings(Fleet fleet, ReadingsFile readings)
        {
            var sums = default(LedgerSums);
            foreach (var ledger in fleet.Ledgers.Values)
            {
                sums.Add(ledger.Sum());
            }

            var came = readings.Counts;
            Note(sums.Missing, "acknowledged readings did not come out", sums.Examples.Where(example => example.StartsWith("missing", StringComparison.Ordinal)));
            Note(sums.Surplus, "readings came out more often than they were sent", sums.Examples.Where(example => !example.StartsWith("missing", StringComparison.Ordinal)));
            Note(came[Arrival.Wrong], "readings came out with another value", came.Examples.Where(example => example.StartsWith("another", StringComparison.Ordinal)));
            Note(came[Arrival.Unexpected], "readings came out that nobody has measured", came.Examples.Where(example => !example.StartsWith("another", StringComparison.Ordinal)));
            return new ReadingsVerdict(sums.Acknowledged, sums.Delivered, sums.Missing, sums.Surplus, came[Arrival.Wrong], came[Arrival.Unexpected], came[Arrival.Again]);
        }

        CommandsVerdict JudgeCommands(Fleet fleet, CommandTraffic traffic, IReadOnlyDictionary<(int Device, int Number), string> states)
        {
            var all = traffic.All().Select(which => new Fate(which, fleet, states.GetValueOrDefault(which, "unknown"))).ToList();
            var never = all.Where(fate => fate.Times == 0).ToList();
            var often = all.Where(fate => fate is { OnlyOnce: true, Times: > 1 }).ToList();
            var believed = never.Where(fate => fate.State is "applied" or "delivered").ToList();
            Note(traffic.Refused, "commands were refused", traffic.Refusals);
            var waiting = never.Where(fate => fate.State is "queued").ToList();
            Note(waiting.Count, "commands still waited in the end: a longer --settle lets them go, or a shorter confirm_timeout_seconds of the profile, for which those wait that stand behind one without evidence", waiting.Take(Examples).Select(fate => $"never applied, {fate}"));
            Note(never.Count - waiting.Count, "commands were never applied", never.Except(waiting).Take(Examples).Select(fate => $"never applied, {fate}"));
            Note(often.Count, "commands were applied more than once", often.Take(Examples).Select(fate => $"applied {fate.Times} times, {fate}"));
            Note(believed.Count, "commands are believed to be applied and were not", believed.Take(Examples).Select(fate => $"not applied, {fate}"));
            return new CommandsVerdict(
                traffic.Queued, traffic.Refused, all.Count(fate => fate.Times > 0), never.Count, often.Count,
                all.GroupBy(fate => fate.State).OrderBy(group => group.Key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.LongCount()));
        }
    }

    // What became of one command: on the device, and in the gateway's belief.
    private sealed record Fate(string Device, FleetCommand Command, int Times, string State)
    {
        public Fate((int Device, int Number) which, Fleet fleet, string state)
            : this(fleet.Devices[which.Device].Model.DeviceId, fleet.Devices[which.Device].Model.CommandFor(which.Number)!, fleet.Devices[which.Device].Model.TimesApplied(which.Number), state)
        {
        }

        public bool OnlyOnce => Command.OnlyOnce;

        public override string ToString() => $"{State}: {Device} {Command.Type} {Command.Payload.ToJsonString()}";
    }
}

/// <summary>What became of a fleet's readings. One that a device has sent in several messages counts for each of them.</summary>
/// <param name="Acknowledged">How many a device was told are safe.</param>
/// <param name="Delivered">How many came out, each frame once.</param>
/// <param name="Missing">Acknowledged ones that did not come out.</param>
/// <param name="Surplus">Those that came out of more frames than were sent.</param>
/// <param name="Wrong">Those with another value.</param>
/// <param name="Unexpected">Those that were never measured.</param>
/// <param name="Again">Those that came once more of the same frame, as a sink may after a failure.</param>
internal sealed record ReadingsVerdict(long Acknowledged, long Delivered, long Missing, long Surplus, long Wrong, long Unexpected, long Again);

/// <summary>What became of a fleet's commands.</summary>
/// <param name="Queued">How many the gateway took.</param>
/// <param name="Refused">How many it did not.</param>
/// <param name="Applied">How many their devices have applied.</param>
/// <param name="NeverApplied">How many not.</param>
/// <param name="AppliedTwice">How many more than once, of those that must not be.</param>
/// <param name="States">What the gateway believes of them.</param>
internal sealed record CommandsVerdict(long Queued, long Refused, long Applied, long NeverApplied, long AppliedTwice, IReadOnlyDictionary<string, long> States);
