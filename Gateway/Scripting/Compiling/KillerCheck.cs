using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Gateway.Scripting;

/// <summary>
/// Refuses what could end the process in ways that no check within a method can prevent: by taking stack without calling anything,
/// by running when no call is under way, by leaving managed code, or by leaving a lock behind. For a script that compiles.
/// </summary>
internal static class KillerCheck
{
    private const int LargestStruct = 1024;

    private static readonly Dictionary<string, (string Code, string Reason)> Attributes = new()
    {
        ["System.Runtime.CompilerServices.InlineArrayAttribute"] = (ScriptProblemCode.InlineArray, "an inline array is not available: it takes stack unchecked; use an array"),
        ["System.Runtime.CompilerServices.ModuleInitializerAttribute"] = (ScriptProblemCode.ModuleInitializer, "a module initializer is not available: write top-level code"),
        ["System.Runtime.InteropServices.DllImportAttribute"] = (ScriptProblemCode.NativeCode, "native code is not available: it can't be stopped"),
        ["System.Runtime.InteropServices.LibraryImportAttribute"] = (ScriptProblemCode.NativeCode, "native code is not available: it can't be stopped"),
        ["System.Runtime.InteropServices.UnmanagedCallersOnlyAttribute"] = (ScriptProblemCode.NativeCode, "native code is not available: it can't be stopped"),
    };

    /// <summary>Why this can't be, and the problem's code; no code when it can.</summary>
    public static (string? Code, string Reason) Refusal(SyntaxNode node, SemanticModel model) => node switch
    {
        StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax =>
            (ScriptProblemCode.StackAllocation, "stackalloc is not available: it takes stack unchecked; use an array"),
        DestructorDeclarationSyntax =>
            (ScriptProblemCode.Finalizer, "a finalizer is not available: it runs when no call is under way, and what it throws ends the process"),
        MethodDeclarationSyntax or LocalFunctionStatementSyntax or LambdaExpressionSyntax or AnonymousMethodExpressionSyntax when IsAsyncVoid(node, model) =>
            (ScriptProblemCode.AsyncVoid, "async void is not available: what it throws ends the process"),
        LockStatementSyntax =>
            (ScriptProblemCode.Lock, "lock is not available: a call that is stopped would never release it; use Interlocked or a concurrent collection"),
        AttributeSyntax attribute => Attribute(attribute, model),
        FinallyClauseSyntax last when model.AnalyzeControlFlow(last.Block) is { Succeeded: true, EndPointIsReachable: false } =>
            (ScriptProblemCode.EndlessFinally, "the end of this finally can't be reached, which the runtime does not survive"),
        StructDeclarationSyntax or RecordDeclarationSyntax when model.GetDeclaredSymbol(node) is INamedTypeSymbol { IsValueType: true } type && SizeOf(type) > LargestStruct =>
            (ScriptProblemCode.LargeStruct, string.Create(CultureInfo.InvariantCulture, $"a struct must not be larger than {LargestStruct} bytes: it takes stack unchecked; use a class")),
        _ => default,
    };

    private static bool IsAsyncVoid(SyntaxNode node, SemanticModel model) =>
        (model.GetDeclaredSymbol(node) ?? model.GetSymbolInfo(node).Symbol) is IMethodSymbol { IsAsync: true, ReturnsVoid: true };

    private static (string? Code, string Reason) Attribute(AttributeSyntax attribute, SemanticModel model)
    {
        var type = model.GetTypeInfo(attribute).Type;
        return type is not null && Attributes.TryGetValue(type.ToDisplayString(), out var refusal) ? refusal : default;
    }

    // At most: every field is taken as eight bytes at least, which covers the gaps between them.
    private static long SizeOf(ITypeSymbol type) => type is not INamedTypeSymbol { IsValueType: true, TypeKind: TypeKind.Struct } value || value.SpecialType != SpecialType.None
        ? type.SpecialType == SpecialType.System_Decimal ? 16 : 8
        : Math.Max(8, DeclaredSizeOf(value) + value.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsStatic && !field.IsConst).Sum(field => SizeOf(field.Type)));

    private static long DeclaredSizeOf(INamedTypeSymbol type) => type.GetAttributes()
        .Where(attribute => attribute.AttributeClass?.Name == "StructLayoutAttribute")
        .SelectMany(attribute => attribute.NamedArguments)
        .Where(argument => argument.Key == "Size")
        .Sum(argument => argument.Value.Value is int size ? size : 0L);
}
