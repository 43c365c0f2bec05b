using System.Text.Json;
using Gateway.Scripting;

namespace Gateway.Api;

/// <summary>What is known of a script.</summary>
/// <param name="Name">Its file name.</param>
/// <param name="Live">The version that serves; missing when there is none.</param>
/// <param name="FileVersion">The version of the file as it is; missing when it can't be read.</param>
/// <param name="Problems">Why the file's version is not the one that serves; empty when it is.</param>
/// <param name="Earlier">Versions that can be made live again, the latest first.</param>
/// <param name="Candidate">The version that is tried beside the live one.</param>
internal sealed record ScriptStatus(
    string Name, LiveStatus? Live, string? FileVersion, IReadOnlyList<ScriptFinding> Problems, IReadOnlyList<EarlierVersion> Earlier, CandidateStatus? Candidate)
{
    public static ScriptStatus Of(CatalogScript script)
    {
        var state = script.State;
        return new ScriptStatus(
            script.Ref,
            state.Live is { } live ? LiveStatus.Of(live) : null,
            state.FileVersion,
            [.. state.Problems.Select(ScriptFinding.Of)],
            [.. state.Past.Select(past => new EarlierVersion(past.Version, past.Since))],
            state.Candidate is { } candidate ? CandidateStatus.Of(candidate) : null);
    }
}

/// <summary>A version that serves.</summary>
/// <param name="Version">Its id.</param>
/// <param name="Since">Since when.</param>
/// <param name="Functions">The optional functions that it has.</param>
/// <param name="Frames">Frames that it was given since then, or since the start.</param>
/// <param name="Invalid">Of these, frames that it called invalid.</param>
/// <param name="Failed">Of these, frames that it failed on or was stopped on.</param>
/// <param name="NotCalledFor">Devices that it is not called for at present, because it was stopped on each of their last frames.</param>
internal sealed record LiveStatus(
    string Version, DateTimeOffset Since, IReadOnlyList<string> Functions, long Frames, long Invalid, long Failed, IReadOnlyList<string> NotCalledFor)
{
    public static LiveStatus Of(LiveVersion live) => new(
        live.Script.Version, live.Since, [.. OptionalFunctions(live.Script)],
        live.Tally.Frames, live.Tally.Invalid, live.Tally.Failed, live.Breakers.Open);

    private static IEnumerable<string> OptionalFunctions(CompiledScript script) =>
        from function in new[]
        {
            (Has: script.CanIdentify, ScriptFunction.Identify.Name), (Has: script.CanTellCloudToken, ScriptFunction.CloudToken.Name), (Has: script.CanRespond, ScriptFunction.Respond.Name),
            (Has: script.CanConfirm, ScriptFunction.Confirm.Name), (Has: script.CanFormatCommands, ScriptFunction.FormatCommands.Name),
            (Has: script.CanTellExchangeFailed, ScriptFunction.ExchangeFailed.Name),
        }
        where function.Has
        select function.Name;
}

/// <summary>A version that was live.</summary>
/// <param name="Version">Its id.</param>
/// <param name="Since">Since when it was live.</param>
internal sealed record EarlierVersion(string Version, DateTimeOffset Since);

/// <summary>Something that is wrong with a script.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
/// <param name="Code">GW and a number of the gateway's own, CS and a number of the compiler's.</param>
/// <param name="Message">What is wrong.</param>
internal sealed record ScriptFinding(string File, int Line, int Column, string Code, string Message)
{
    public static ScriptFinding Of(ScriptProblem problem) => new(problem.File, problem.Line, problem.Column, problem.Code, problem.Message);
}

/// <summary>A version that is tried.</summary>
/// <param name="Version">Its id.</param>
/// <param name="Since">Since when.</param>
/// <param name="Problems">What is wrong with it; it is tried only when nothing is.</param>
/// <param name="Report">How it does on the frames of the live version.</param>
internal sealed record CandidateStatus(string Version, DateTimeOffset Since, IReadOnlyList<ScriptFinding> Problems, ShadowReport Report)
{
    public static CandidateStatus Of(ScriptCandidate candidate) =>
        new(candidate.Source.Version, candidate.Since, [.. candidate.Problems.Select(ScriptFinding.Of)], candidate.Tally.Report());
}

/// <summary>A command that a script knows.</summary>
/// <param name="CommandType">What stands in a command as command_type.</param>
/// <param name="Description">What it does.</param>
/// <param name="Schema">What its payload must be: a JSON schema, draft 2020-12. Missing when the script checks it alone.</param>
/// <param name="Example">A payload that fits.</param>
internal sealed record ScriptCommand(string CommandType, string? Description = null, JsonElement? Schema = null, JsonElement? Example = null)
{
    public static ScriptCommand Of(CatalogCommand command) => new(command.Type, command.Description, command.Schema, command.Example);
}
