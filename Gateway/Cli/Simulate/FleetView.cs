using System.Globalization;
using System.Text.Json;
using Gateway.Api;
using Spectre.Console;

namespace Gateway.Cli;

/// <summary>Shows how a fleet is doing: to people as a table that changes in place, or a line now and then where nobody can be shown one; to programs as lines of JSON.</summary>
internal sealed class FleetView(Terminal terminal, Fleet fleet, ReadingsFile? readings, CommandTraffic? traffic, TimeProvider time)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Report = TimeSpan.FromSeconds(10);

    /// <summary>Shows it until it is over.</summary>
    /// <param name="work">What is shown.</param>
    public async Task FollowAsync(Task work)
    {
        if (terminal.IsJson || !terminal.DrawsBars)
        {
            await RepeatAsync(work, Report, () =>
            {
                terminal.Output.WriteLine(terminal.IsJson ? JsonOf() : LineOf());
                terminal.Output.Flush();
            });
            return;
        }

        await terminal.LiveAsync(Table, draw => RepeatAsync(work, Refresh, draw));
    }

    /// <summary>Shows the end.</summary>
    public void Conclude(FleetVerdict verdict)
    {
        if (terminal.IsJson)
        {
            terminal.Output.WriteLine(JsonSerializer.Serialize(new { Kind = "verdict", Passed = verdict.IsPassed, verdict.Faults, verdict.Details, verdict.Readings, verdict.Commands, Counts = fleet.Tally.Counts() }, ManagementApi.Json));
            return;
        }

        terminal.Write(Table());
        if (verdict.Readings is { } came)
        {
            terminal.Output.WriteLine(Text($"readings: {came.Acknowledged} acknowledged, {came.Missing} of them missing; {came.Delivered} came out, {came.Surplus} too often, {came.Wrong} wrong, {came.Unexpected} unexpected"));
        }
        else
        {
            terminal.Output.WriteLine("readings: not compared, for nobody said where a sink writes them (--readings)");
        }

        if (verdict.Commands is { } commands)
        {
            terminal.Output.WriteLine(Text($"commands: {commands.Queued} queued, {commands.Applied} applied, {commands.NeverApplied} never, {commands.AppliedTwice} more than once; the gateway has {string.Join(", ", commands.States.Select(state => $"{state.Value} {state.Key}"))}"));
        }

        terminal.Output.WriteLine(verdict.IsPassed ? "verdict: passed" : $"verdict: FAILED\n  {string.Join("\n  ", verdict.Faults)}");
        foreach (var detail in verdict.Details)
        {
            terminal.Output.WriteLine($"    {Terminal.Printable(detail)}");
        }
    }

    private async Task RepeatAsync(Task work, TimeSpan period, Action show)
    {
        using var timer = new PeriodicTimer(period, time);
        var tick = timer.WaitForNextTickAsync().AsTask();
        while (await Task.WhenAny(work, tick) == tick)
        {
            show();
            tick = timer.WaitForNextTickAsync().AsTask();
        }

        await work;
    }

    private Table Table()
    {
        var counts = fleet.Tally.Counts();
        var table = new Table { Border = TableBorder.None, ShowHeaders = false };
        table.AddColumn(new TableColumn("") { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        table.AddColumn("");
        Row("time", Text($"{fleet.Elapsed:hh\\:mm\\:ss}, {fleet.Known} of {fleet.Devices.Count} devices known"));
        Row("sent", Text($"{counts.Confirmable} confirmable, {counts.NonConfirmable} not; {counts.Retransmissions} retransmissions"));
        Row("answered", counts.Answers.Count == 0 ? "nothing yet" : string.Join(", ", counts.Answers.Select(answer => Text($"{answer.Value} × {answer.Key}"))));
        Row("not answered", Text($"{counts.Unanswered}, {counts.Resets} resets, {counts.Unreadable} unreadable"));
        Row("latency", Text($"p50 {counts.P50Milliseconds} ms, p99 {counts.P99Milliseconds} ms"));
        Row("network", Text($"{counts.LostDatagrams} datagrams lost, {counts.DuplicatedDatagrams} doubled, {counts.Rebinds} new ports"));
        if (readings is not null)
        {
            Row("readings", Text($"{readings.Counts[Arrival.Right]} came out as they were measured, {readings.Counts[Arrival.Wrong] + readings.Counts[Arrival.Unexpected]} otherwise"));
        }

        if (traffic is not null)
        {
            Row("commands", Text($"{traffic.Queued} queued, {traffic.Refused} refused"));
        }

        return table;

        void Row(string name, string value) => table.AddRow(new Text(name, new Style(decoration: Decoration.Bold)), new Text(value));
    }

    private string LineOf()
    {
        var counts = fleet.Tally.Counts();
        var answers = string.Join(' ', counts.Answers.Select(answer => Text($"{answer.Key}:{answer.Value}")));
        return Text($"{fleet.Elapsed:hh\\:mm\\:ss} sent {counts.Confirmable + counts.NonConfirmable}, answered {(answers.Length > 0 ? answers : "nothing")}, p99 {counts.P99Milliseconds} ms, readings {readings?.Counts[Arrival.Right] ?? 0}, commands {traffic?.Queued ?? 0}");
    }

    private string JsonOf() => JsonSerializer.Serialize(
        new { Kind = "status", Seconds = Math.Round(fleet.Elapsed.TotalSeconds, 1), Devices = fleet.Devices.Count, fleet.Known, Counts = fleet.Tally.Counts(), Readings = readings?.Counts[Arrival.Right], Commands = traffic?.Queued },
        ManagementApi.Json);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
