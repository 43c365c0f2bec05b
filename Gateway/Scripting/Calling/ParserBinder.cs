using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>The functions of a script that is a class. A method that the class leaves to the interface counts as absent.</summary>
internal static class ParserBinder
{
    /// <summary>Makes the script's object, of which there is one, and takes its methods.</summary>
    public static ScriptFunctions Bind(Type type)
    {
        var parser = (IDeviceParser)Activator.CreateInstance(type)!;
        var methods = type.GetInterfaceMap(typeof(IDeviceParser));
        return new ScriptFunctions
        {
            Parse = parser.Parse,
            FormatCommand = parser.FormatCommand,
            Identify = Has(nameof(parser.Identify)) ? parser.Identify : null,
            CloudToken = Has(nameof(parser.CloudToken)) ? parser.CloudToken : null,
            Respond = Has(nameof(parser.Respond)) ? parser.Respond : null,
            Confirm = Has(nameof(parser.Confirm)) ? parser.Confirm : null,
            ExchangeFailed = Has(nameof(parser.ExchangeFailed)) ? parser.ExchangeFailed : null,
            FormatCommands = Has(nameof(parser.FormatCommands)) ? parser.FormatCommands : null,
            Commands = Has(nameof(parser.Commands)) ? parser.Commands : null,
        };

        bool Has(string name) => methods.TargetMethods[Array.FindIndex(methods.InterfaceMethods, method => method.Name == name)] is { DeclaringType.IsInterface: false };
    }
}
