# The user's own file, then the profile back that it may have changed.
ZDOTDIR=$XSWITCH_ZDOTDIR
# The system's zshrc of macOS has put the history beside this file.
[[ ${HISTFILE-} == $XSWITCH_STARTUP/* ]] && HISTFILE=$ZDOTDIR/.zsh_history
unset XSWITCH_STARTUP XSWITCH_ZDOTDIR
[[ -r $ZDOTDIR/.zshrc ]] && source $ZDOTDIR/.zshrc
eval "$XSWITCH_RESTORE"
unset XSWITCH_RESTORE
