using Gateway.Scripting;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Scripting;

/// <summary>The optional functions around commands: <c>confirm</c> and <c>format_commands</c>.</summary>
internal sealed class CommandFunctionTests
{
    [TestCase("ReadOnlySpan<byte>")]
    [TestCase("ReadOnlyMemory<byte>")]
    [TestCase("byte[]")]
    public void What_became_of_a_command_is_read_in_the_next_message(string payload)
    {
        var script = With($$"""
            CommandEvidence confirm(Command command, {{payload}} payload, DeviceConfig config, UplinkRequest request) => payload.ToArray() switch
            {
                [1] => CommandEvidence.Applied,
                [2] => CommandEvidence.Rejected($"{command.CommandType}: too\nlow"),
                _ => CommandEvidence.Unknown,
            };
            """);

        Assert.Multiple(() =>
        {
            Assert.That(script.CanConfirm);
            Assert.That(Evidence(1), Is.EqualTo(CommandEvidence.Applied));
            Assert.That(Evidence(2), Is.EqualTo(CommandEvidence.Rejected("set: too low")));
            Assert.That(Evidence(3), Is.EqualTo(CommandEvidence.Unknown));
        });

        CommandEvidence Evidence(byte status) => script.Confirm(Scripts.Command("set"), new[] { status }, Scripts.Config, Scripts.Request).Value;
    }

    [Test]
    public void A_script_without_them_knows_nothing()
    {
        var script = With("");

        Assert.Multiple(() =>
        {
            Assert.That((script.CanConfirm, script.CanFormatCommands), Is.EqualTo((false, false)));
            Assert.That(script.Confirm(Scripts.Command("set"), default, Scripts.Config, Scripts.Request).Value, Is.EqualTo(CommandEvidence.Unknown));
            Assert.That(script.FormatCommands([Scripts.Command("set")], Scripts.Config, null).Value, Is.Null);
        });
    }

    [TestCase("")]
    [TestCase(", UplinkRequest? request")]
    public void Several_commands_ride_in_one_answer(string request)
    {
        var script = With($$"""
            CommandBatch? format_commands(IReadOnlyList<Command> commands, DeviceConfig config{{request}}) =>
                commands.Count < 2 ? null : new([1, 2], commands.Take(2).Select(command => command.RequestId));
            """);

        var batch = script.FormatCommands([Command("a"), Command("b"), Command("c")], Scripts.Config, null).Value!;

        Assert.Multiple(() =>
        {
            Assert.That(batch.Payload, Is.EqualTo(new byte[] { 1, 2 }));
            Assert.That(batch.RequestIds, Is.EqualTo(["a", "b"]));
            Assert.That(batch.RequestIds.GetType().IsCollectible, Is.False);
            Assert.That(script.FormatCommands([Command("a")], Scripts.Config, null).Value, Is.Null);
        });
    }

    [TestCase("new(null!, \"a\")", "a batch whose payload is null")]
    [TestCase("new([1])", "a batch without request ids; when nothing can be merged it must return null")]
    [TestCase("new([1], (IEnumerable<string>)null!)", "a batch without request ids; when nothing can be merged it must return null")]
    [TestCase("new([1], \"a\", \"z\")", "a batch with the request id \"z\", which none of the 2 commands has")]
    [TestCase("new([1], \"a\", null!)", "a batch with the request id null, which none of the 2 commands has")]
    [TestCase("new([1], \"a\", \"a\")", "a batch with the same request id twice")]
    public void A_batch_that_is_none_is_a_fault(string batch, string problem)
    {
        var script = With($"CommandBatch? format_commands(IReadOnlyList<Command> commands, DeviceConfig config) => {batch};");

        Assert.That(
            script.FormatCommands([Command("a"), Command("b")], Scripts.Config, null).Failure,
            Is.EqualTo(new ScriptFailure(ScriptFailureKind.Fault, $"format_commands returned {problem} (scripts/x.csx)")));
    }

    [Test]
    public void A_request_id_of_a_batch_that_never_ends_is_stopped()
    {
        var script = With("""
            IEnumerable<string> Endless() { while (true) yield return "a"; }
            CommandBatch? format_commands(IReadOnlyList<Command> commands, DeviceConfig config) => new([1], Endless());
            """);

        Assert.That(script.FormatCommands([Command("a")], Scripts.Config, null).Failure?.Kind, Is.EqualTo(ScriptFailureKind.LimitExceeded));
    }

    [TestCase(
        "bool confirm(Command command, byte[] payload, DeviceConfig config, UplinkRequest request) => true;",
        "confirm has the wrong result type; expected CommandEvidence confirm(Command command, ReadOnlySpan<byte> payload, DeviceConfig config, UplinkRequest request)")]
    [TestCase(
        "CommandBatch? format_commands(Command[] commands, DeviceConfig config) => null;",
        "format_commands can't be called with the parameter commands; expected CommandBatch? format_commands(IReadOnlyList<Command> commands, DeviceConfig config[, UplinkRequest? request])")]
    [TestCase(
        "string[] commands() => [];",
        "commands has the wrong result type; expected IEnumerable<CommandDescription> commands()")]
    public void A_mistyped_one_is_refused_with_what_was_expected(string function, string problem) =>
        Assert.That(Scripts.Problems(Scripts.NoReadings + Scripts.NoCommands + function).Single(), Does.StartWith("scripts/x.csx(3,").And.EndsWith($"error GW0002: {problem}"));

    private static Command Command(string id) => Scripts.Command("set") with { RequestId = id };

    private static CompiledScript With(string functions) => Scripts.Compile(Scripts.NoReadings + Scripts.NoCommands + functions);
}
