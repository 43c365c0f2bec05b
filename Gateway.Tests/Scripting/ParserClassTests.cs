using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>A script may be a class instead of functions, and is told what such a class must be.</summary>
internal sealed class ParserClassTests
{
    private const string Required = """
        public IEnumerable<Reading> Parse(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) => [new("LENGTH", payload.Length)];
        public byte[]? FormatCommand(Command command, DeviceConfig config, UplinkRequest? request) => [1, 2];
        """;

    private const string Expected = "a script is either functions, or one class that implements IDeviceParser with a public constructor without parameters";

    [Test]
    public void A_class_is_called_as_functions_are()
    {
        var script = Scripts.Compile($"class Parser : IDeviceParser {{ {Required} }}");

        Assert.Multiple(() =>
        {
            Assert.That(script.Parse(1, 2, 3).Value[0].Values[0].AsInt64(), Is.EqualTo(3));
            Assert.That(script.FormatCommand(Scripts.Command("any"), Scripts.Config, null).Value, Is.EqualTo(new byte[] { 1, 2 }));
        });
    }

    [Test]
    public void What_a_class_leaves_to_the_interface_is_absent()
    {
        var script = Scripts.Compile($"class Parser : IDeviceParser {{ {Required} }}");

        Assert.That((script.CanIdentify, script.CanRespond, script.CanConfirm, script.CanFormatCommands), Is.EqualTo((false, false, false, false)));
        Assert.That(script.Commands.Commands, Is.Empty);
    }

    [Test]
    public void What_a_class_has_is_called_even_if_it_is_inherited_or_explicit()
    {
        var script = Scripts.Compile($$"""
            abstract class Base : IDeviceParser
            {
                {{Required}}
                public string? Identify(ReadOnlyMemory<byte> payload, UplinkRequest request) => "me";
                public CommandBatch? FormatCommands(IReadOnlyList<Command> commands, DeviceConfig config, UplinkRequest? request) =>
                    new([9], commands.Select(command => command.RequestId));
            }
            sealed class Parser : Base, IDeviceParser
            {
                private readonly string _type;
                public Parser() => _type = "set";
                UplinkResponse? IDeviceParser.Respond(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) => new([7]);
                public CommandEvidence Confirm(Command command, ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) => CommandEvidence.Applied;
                public IEnumerable<CommandDescription> Commands() { yield return new(_type); }
            }
            """);

        Assert.Multiple(() =>
        {
            Assert.That(script.Identify(default, Scripts.Request).Value, Is.EqualTo("me"));
            Assert.That(script.Respond(default, Scripts.Config, Scripts.Request).Value!.Payload, Is.EqualTo(new byte[] { 7 }));
            Assert.That(script.Confirm(Scripts.Command("set"), default, Scripts.Config, Scripts.Request).Value.Kind.ToString(), Is.EqualTo("Applied"));
            Assert.That(script.FormatCommands([Scripts.Command("set")], Scripts.Config, null).Value!.RequestIds, Is.EqualTo(["c1"]));
            Assert.That(script.Commands.Commands.Single().Type, Is.EqualTo("set"));
        });
    }

    [TestCase("abstract class P : IDeviceParser { REQUIRED }", "(1,16): error GW0050: P is abstract: ")]
    [TestCase("class P<T> : IDeviceParser { REQUIRED }", "(1,7): error GW0050: P is generic: ")]
    [TestCase("class P(int seed) : IDeviceParser { int Seed => seed; REQUIRED }", "(1,7): error GW0050: P has no public constructor without parameters: ")]
    [TestCase("class P : IDeviceParser { P() { } REQUIRED }", "(1,7): error GW0050: P has no public constructor without parameters: ")]
    [TestCase("struct P : IDeviceParser { REQUIRED }", "(1,8): error GW0050: P is no class: ")]
    [TestCase("class P : IDeviceParser { REQUIRED }\nclass Q : IDeviceParser { REQUIRED }", "(3,7): error GW0051: Q implements IDeviceParser, and so does P: ")]
    [TestCase(
        "byte[]? format_command(Command command, DeviceConfig config) => null;\nclass P : IDeviceParser { REQUIRED }",
        "(1,9): error GW0052: format_command would never be called beside the class P: ")]
    public void A_class_that_cannot_be_used_is_refused_with_its_place(string source, string problem) =>
        Assert.That(Scripts.Problems(source.Replace("REQUIRED", Required, StringComparison.Ordinal)), Is.EqualTo([$"scripts/x.csx{problem}{Expected}"]));

    [TestCase(
        "public string? Identify(byte[] payload, UplinkRequest request) => null;",
        "Identify is not the Identify of IDeviceParser, and would never be called; expected public string? Identify(ReadOnlyMemory<byte> payload, UplinkRequest request)")]
    [TestCase(
        "public IEnumerable<CommandDescription> commands() => [];",
        "commands is not the Commands of IDeviceParser, and would never be called; expected public IEnumerable<CommandDescription> Commands()")]
    public void An_optional_method_that_would_never_be_called_is_refused(string method, string problem) =>
        Assert.That(Scripts.Problems($"class P : IDeviceParser {{ {Required}\n{method} }}").Single(), Does.Contain("error GW0002: ").And.EndsWith(problem));

    [Test]
    public void A_constructor_that_throws_is_told_with_its_line() => Assert.That(
        Scripts.Problems($"class P : IDeviceParser\n{{\npublic P() => int.Parse(\"x\");\n{Required} }}").Single(),
        Does.StartWith("scripts/x.csx(3,1): error GW0008: ").And.Contain("FormatException"));

    [Test]
    public void The_guard_holds_a_class_as_well()
    {
        var script = Scripts.Compile("""
            class P : IDeviceParser
            {
                public IEnumerable<Reading> Parse(ReadOnlyMemory<byte> payload, DeviceConfig config, UplinkRequest request) { while (true) { } }
                public byte[]? FormatCommand(Command command, DeviceConfig config, UplinkRequest? request) => null;
            }
            """);

        Assert.That(script.Parse().Failure?.Kind, Is.EqualTo(ScriptFailureKind.LimitExceeded));
    }

    [Test]
    public void A_class_is_found_again_in_a_compiled_script_that_was_kept()
    {
        var image = ScriptCompiler.Translate(new ScriptSource(Scripts.Name, $"class Parser : IDeviceParser {{ {Required}\npublic IEnumerable<CommandDescription> Commands() => [new(\"set\")]; }}")).Image!;

        var kept = ImageFile.Read("key", ImageFile.Write("key", image))!;

        Assert.That((kept.ParserName, kept.CommandsAt), Is.EqualTo((image.ParserName, (3, 40))));
        Assert.That(ScriptLoader.Load(kept, ScriptLimits.Default).Script!.Commands.Commands.Single().Type, Is.EqualTo("set"));
    }
}
